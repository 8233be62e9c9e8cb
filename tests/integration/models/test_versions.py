"""Models come, take over, fail and go again while requests flow: nobody gets an error or a wrong answer."""

import httpx

from tests import named_bundle

TURNS = ({}, {"model": "alpha"}, {"model": "beta"}, {"model": "beta", "modelVersion": "1"})


async def test_a_third_model_and_a_new_version_are_published_while_requests_flow(models):
    async with models.asking(*TURNS) as client:
        await client.until(lambda: len(client.answers) > 8, "the first answers")
        said = await models.publish(named_bundle.write(models.made / "new", "gamma", "1"))
        assert "gamma 1 is in" in said
        await models.publish(named_bundle.write(models.made / "new", "alpha", "2"))
        await client.until(lambda: listed(models, "gamma", "1"), "gamma among the models")
        client.questions += [{"model": "gamma"}, {"model": "gamma", "modelVersion": "1"}]
        client.questions.append({"model": "alpha", "modelVersion": "1"})
        await client.until(lambda: client.versions()["gamma 1"] > 8, "answers by gamma")
        await client.until(lambda: client.versions()["alpha 2"] > 4, "alpha 2 in service")
        since = len(client.answers)
        await client.until(lambda: len(client.answers) > since + 30, "more answers")
        unversioned = [a for q, a in client.answers[since:] if q in ({}, {"model": "alpha"})]
        assert {each["modelVersion"] for each in unversioned} == {"2"}
        await client.until(lambda: default(models) == ("alpha", "2", 1.0), "the list of models")
    assert not client.faults, client.faults[:5]


async def test_canaries_that_fail_are_taken_back_and_their_failures_reach_nobody(models):
    async with models.asking({}, {"model": "beta"}) as client:
        folder = named_bundle.broken(models.made / "new", "beta", "2")
        await models.publish(folder, "--canary", "50%")
        folder = named_bundle.write(models.made / "new", "alpha", "4", named_bundle.failing)
        await models.publish(folder, "--canary", "0.3")
        await client.until(lambda: taken_back(models, "beta", "2"), "the end of the broken one")
        await client.until(lambda: taken_back(models, "alpha", "4"), "the end of the failing one")
        assert set(client.versions()) == {"alpha 2", "beta 1"}
    assert not client.faults, client.faults[:5]
    assert models.why("beta").startswith("it cannot be loaded: ")
    assert models.why("alpha").startswith("it fails more: ")
    logged = models.logged()
    assert models.why("alpha") in logged
    assert models.why("beta") in logged


async def test_a_canary_that_is_slower_is_taken_back(models):
    async with models.asking({}, {"model": "alpha"}) as client:
        folder = named_bundle.write(models.made / "new", "alpha", "5", named_bundle.slow)
        await models.publish(folder, "--canary", "50%")
        await client.until(lambda: client.versions()["alpha 5"] > 3, "answers by the canary")
        await client.until(lambda: taken_back(models, "alpha", "5"), "the canary's end")
        since = len(client.answers)
        await client.until(lambda: len(client.answers) > since + 30, "more answers")
        assert "alpha 5" not in client.versions(since + 16)
    assert not client.faults, client.faults[:5]
    assert models.why("alpha").startswith("it is slower: ")
    assert models.why("alpha") in models.logged()


def test_a_version_never_changes_and_unknown_ones_are_refused_with_the_list(models):
    other = named_bundle.write(models.made / "other", "gamma", "1", named_bundle.slow)
    refused = models.ran("publish", str(other))
    assert refused.returncode == 1
    assert "gamma 1 is in the bucket with other content" in refused.stderr
    asked = {"url": "http://example.com/cat.jpg", "model": "delta"}
    said = httpx.get(f"{models.running.url}/classify", params=asked, timeout=60)
    assert said.status_code == 404
    assert "there are: alpha 1, " in said.json()["error"]["message"]


async def test_by_hand_a_version_goes_and_another_comes(models):
    assert "alpha 2 is taken back" in await models.command("rollback", "alpha")
    assert models.line("alpha")["default"] == "1"
    await models.command("promote", "alpha", "2")
    assert models.line("alpha")["default"] == "2"
    nothing = models.ran("promote", "alpha", "99")
    assert nothing.returncode == 1
    assert "There is no alpha 99" in nothing.stderr


def taken_back(models, name: str, version: str) -> bool:
    line = models.line(name)
    return "canary" not in line and version in [each["version"] for each in line["withdrawn"]]


def default(models) -> tuple[str, str, float]:
    (row,) = [row for row in rows(models) if row["default"]]
    return row["name"], row["version"], row["share"]


def rows(models) -> list[dict]:
    return httpx.get(f"{models.running.url}/models").json()["models"]


def listed(models, name: str, version: str) -> bool:
    return any((row["name"], row["version"]) == (name, version) for row in rows(models))
