"""The report that brings the balancer's tick forward: at once where nobody may work, and never else.

The replica's own reporter says nothing of its own accord within the time that a test takes.
"""

import asyncio

import pytest

from api import reports
from api.jobs import lately
from tests.unit.api.conftest import Deployment, Running


@pytest.fixture
async def quiet(deployment: Deployment) -> Running:
    """A replica that has told all there is to tell."""
    api = await deployment.replica()
    while api.replica.reporter._told is None:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    await told(deployment, api)
    return api


async def told(deployment: Deployment, api: Running) -> None:
    await api.replica.reporter.tell("ready")
    await deployment.reports()


async def heard(deployment: Deployment, count: int) -> list:
    found = []
    async with asyncio.timeout(3):
        while len(found) < count:
            await asyncio.sleep(0.01)
            found += await deployment.reports()
    return found


async def test_the_first_job_is_told_of_at_once_and_those_beside_it_are_not(deployment, quiet):
    waiting = [asyncio.create_task(quiet.classify(top=number)) for number in range(1, 6)]
    [word] = await heard(deployment, 1)
    assert word.busy >= 1
    assert word.submitted >= 1
    await quiet.pending(5)
    await asyncio.sleep(0.1)
    assert await deployment.reports() == []
    await deployment.worker()
    await asyncio.gather(*waiting)


async def test_where_answers_come_nothing_is_told_beside_the_beat(deployment, quiet):
    await deployment.worker()
    await quiet.classify(top=1)  # nobody had been answered before it
    await heard(deployment, 1)
    await told(deployment, quiet)
    for number in range(2, 20):
        await quiet.classify(top=number)
    assert await deployment.reports() == []


async def test_after_seconds_without_an_answer_it_is_told_again(deployment, quiet, monkeypatch):
    monkeypatch.setattr(reports, "QUIET", 0.05)
    monkeypatch.setattr(quiet.replica.reporter, "_calm", 0.2)
    await deployment.worker()
    await quiet.classify(top=1)
    await heard(deployment, 1)
    await told(deployment, quiet)
    monkeypatch.setattr(quiet.replica.reporter, "_calm", 60.0)
    await asyncio.sleep(0.5)
    await deployment.reports()
    await quiet.classify(top=2)
    assert await heard(deployment, 1)


async def test_a_job_that_nobody_waits_for_is_told_of_as_early_and_as_seldom(
    deployment, quiet, monkeypatch
):
    monkeypatch.setattr(lately, "SECONDS", 0.4)
    url = "https://example.com/cat.jpg"
    asked = [quiet.http.post("/jobs", json={"imageUrl": f"{url}?{at}"}) for at in range(4)]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {202}
    [word] = await heard(deployment, 1)
    assert word.busy == 0
    assert 1 <= word.unanswered <= 4
    await asyncio.sleep(0.1)
    await quiet.http.post("/jobs", json=[f"{url}?{at}" for at in range(30)])
    await asyncio.sleep(0.1)
    assert await deployment.reports() == []
    await quiet.replica.reporter.tell("ready")
    [report] = await deployment.reports()
    assert (report.busy, report.unanswered, report.submitted) == (0, 34, 34)
    await asyncio.sleep(0.4)
    await quiet.replica.reporter.tell("ready")
    [report] = await deployment.reports()
    assert (report.unanswered, report.submitted) == (0, 34)


async def test_news_of_another_kind_do_not_delay_it(deployment, quiet):
    quiet.replica.reporter.soon()
    waiting = asyncio.create_task(quiet.classify(top=1))
    [word] = await heard(deployment, 1)
    assert word.submitted == 1
    await deployment.worker()
    await waiting


async def test_news_of_another_kind_are_told_once(deployment, quiet):
    reporter = quiet.replica.reporter
    reporter.soon()
    assert reporter._is_due()
    await told(deployment, quiet)
    assert not reporter._is_due()
