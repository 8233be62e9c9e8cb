"""The dead-letter queue, looked at, sent again and emptied, on the in-memory twins."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from cli.dlq_report import as_row, listed, span, told
from cli.dlq_work import Purge, Redrive
from cli.main import app
from wire import hold
from wire.dead_letters import DeadLetters
from wire.dead_round import through
from wire.memory import MemoryQueues, MemoryStore
from wire.messages import Answer, ErrorBody, Job
from wire.names import QueueNames, result_key, suspect_key, upload_key, upload_url
from wire.queues import QueueMissing
from wire.topology import open_shared

NAMES = QueueNames("test")
CRASHED = ErrorBody(code="worker_crashed", message="It did.")
runner = CliRunner()


class Clock:
    now = 5000.0

    def __call__(self):
        return self.now


class Place:
    async def open(self) -> "Place":
        self.clock = Clock()
        self.queues, self.store = MemoryQueues(self.clock), MemoryStore(self.clock)
        self.shared = await open_shared(self.queues, NAMES)
        self.dead = await DeadLetters.open(self.queues, NAMES, self.store)
        return self

    async def bury(self, uuid: str, **fields: object) -> str:
        given = {"image_url": f"https://u:p@h/{uuid}", "reply_to": NAMES.responses("r1")} | fields
        body = Job.model_validate({"uuid": uuid} | given).encode()
        await self.shared.dead_letter.send(body)
        return body

    async def requests(self) -> list[dict]:
        return [json.loads(each.body) for each in await self.shared.requests.receive(10, 0)]

    async def dead_ids(self) -> list[str]:
        async with self.dead.held():
            return [each.id for each in await self.dead.look(1000)]


@pytest.fixture
async def place(monkeypatch) -> Place:
    monkeypatch.setattr(hold, "WAIT", 0)  # in memory, what does not come at once never comes
    return await Place().open()


async def test_a_look_takes_nothing_away_and_hides_nothing_afterwards(place) -> None:
    for at in range(25):
        await place.bury(f"job{at}")
        place.clock.now += 1
    for looks in range(3):
        async with place.dead.held():
            letters = await place.dead.look()
            assert [each.id for each in letters] == [f"job{at}" for at in range(25)]
            assert {each.looks for each in letters} == {looks}
        depth = await place.shared.dead_letter.depth()
        assert (depth.visible, depth.in_flight) == (25, 0)


async def test_a_look_is_bounded_and_the_rest_is_counted(place) -> None:
    for at in range(25):
        await place.bury(f"job{at}")
    async with place.dead.held():
        letters = await place.dead.look(12)
        assert len(letters) == 12
        text = listed(letters, await place.dead.waiting())
    assert text.splitlines()[-1].startswith("About 13 more")


async def test_what_lies_there_is_told_without_secrets_and_control_characters(place) -> None:
    await place.bury("a", image_url="https://h/cat.jpg?X-Amz-Signature=secret#x")
    await place.shared.dead_letter.send('\x1b[2Jno "job"')
    await place.bury("b", reply_to="elsewhere-responses-1")
    place.clock.now += 3700
    async with place.dead.held():
        letters = await place.dead.look()
        text = listed(letters, 3)
        rows = [as_row(each) for each in letters]
        shown = told(letters[1], None, None, "")
    assert "secret" not in text + json.dumps(rows)
    assert "\x1b" not in text + shown
    assert "purge m2" in shown
    assert [row["kind"] for row in rows] == ["poison job", "undecodable", "undecodable"]
    assert "1 h 1 min" in text
    assert rows[0]["url"] == "https://h/cat.jpg"
    assert "replyTo" in rows[2]["fault"]


async def test_a_job_is_sent_again_and_its_old_verdict_does_not_stand_in_its_way(place) -> None:
    body = await place.bury("a")
    old = Answer(uuid="a", image_url="x", error=CRASHED)
    await place.store.put(result_key("a"), old.encode().encode())
    await place.store.put(suspect_key("a"), b"{}")
    work = Redrive(dry=False)
    await through(place.dead, work)
    assert await place.requests() == [json.loads(body) | {"persist": "each"}]
    assert await place.dead_ids() == []
    assert await place.store.keys("") == []
    assert "/jobs/ID" in work.report()


async def test_a_good_answer_is_never_removed(place) -> None:
    await place.bury("a")
    good = Answer(uuid="a", image_url="x", result="cat")
    await place.store.put(result_key("a"), good.encode().encode())
    await through(place.dead, Redrive(dry=False))
    assert await place.store.get(result_key("a")) is not None


async def test_two_copies_of_a_job_are_sent_once(place) -> None:
    await place.bury("a")
    await place.bury("a")
    await through(place.dead, Redrive(dry=False))
    assert len(await place.requests()) == 1
    assert await place.dead_ids() == []


async def test_fields_of_a_later_version_are_sent_along(place) -> None:
    job = json.loads(Job(uuid="a", image_url="https://h/", reply_to=NAMES.responses("r")).encode())
    await place.shared.dead_letter.send(json.dumps(job | {"invented": [1]}))
    await through(place.dead, Redrive(dry=False))
    assert (await place.requests())[0]["invented"] == [1]


async def test_what_no_worker_reads_is_left(place) -> None:
    await place.shared.dead_letter.send("no job")
    await place.bury("a")
    work = Redrive(dry=False)
    await through(place.dead, work)
    assert len(await place.requests()) == 1
    assert await place.dead_ids() == ["m1"]
    assert "1 left where they are" in work.report()


async def test_jobs_behind_a_thousand_unreadable_letters_are_reached(place) -> None:
    for at in range(1205):
        await place.shared.dead_letter.send(f"no job {at}")
        place.clock.now += 0.001
    await place.bury("a")
    work = Redrive(dry=False)
    assert await through(place.dead, work) == 1206
    assert [each["uuid"] for each in await place.requests()] == ["a"]
    assert "1205 left where they are" in work.report()
    depth = await place.shared.dead_letter.depth()
    assert (depth.visible, depth.in_flight) == (1205, 0)


async def test_one_job_behind_a_thousand_others_is_found_with_its_copy(place) -> None:
    for at in range(1100):
        await place.bury(f"job{at}")
    await place.bury("wanted")
    await place.bury("wanted")
    await through(place.dead, Redrive(dry=False), wanted=lambda each: each.is_called("wanted"))
    assert [each["uuid"] for each in await place.requests()] == ["wanted"]
    assert (await place.shared.dead_letter.depth()).visible == 1100


async def test_what_is_worked_on_for_long_is_shown_to_nobody_else(place, monkeypatch) -> None:
    monkeypatch.setattr(hold, "RENEWED", 0.001)
    queue, renewed, more = place.dead._dead, set(), asyncio.Event()
    extend = queue.extend

    async def told(receipt, seconds):
        await extend(receipt, seconds)
        renewed.add(receipt)
        more.set()

    queue.extend = told
    for at in range(3):
        await place.bury(f"job{at}")

    class Slow(Redrive):
        async def do(self, dead, letter):
            held = (await queue.depth()).in_flight
            for _ in range(4):  # longer than a receive hides, each step shorter
                place.clock.now += 0.75 * hold.HIDDEN
                renewed.clear()
                async with asyncio.timeout(60):
                    # The clock stands still until then, however busy the machine is.
                    while len(renewed) < held:
                        await more.wait()
                        more.clear()
            assert await place.shared.dead_letter.receive(10, 0) == []
            await super().do(dead, letter)

    await through(place.dead, Slow(dry=False))
    assert len(await place.requests()) == 3
    assert await place.dead_ids() == []


async def test_a_dry_run_sends_nothing(place) -> None:
    await place.bury("a")
    work = Redrive(dry=True)
    await through(place.dead, work)
    assert await place.requests() == []
    assert await place.dead_ids() == ["a"]
    assert "would be sent again" in work.report()


async def test_what_dies_again_meanwhile_is_left_for_another_time(place) -> None:
    await place.bury("a")

    class Returning(Redrive):
        async def do(self, dead, letter):
            await super().do(dead, letter)
            place.clock.now += 60
            await place.bury(letter.id)

    await through(place.dead, Returning(dry=False))
    assert len(await place.requests()) == 1
    assert await place.dead_ids() == ["a"]


async def test_a_redrive_that_is_killed_after_its_send_leaves_the_job_in_both_queues(place) -> None:
    await place.bury("a")

    async def killed(receipt):
        raise KeyboardInterrupt

    place.dead._dead.delete = killed
    with pytest.raises(KeyboardInterrupt):
        await through(place.dead, Redrive(dry=False))
    assert len(await place.requests()) == 1
    again = await DeadLetters.open(place.queues, NAMES, place.store)
    await through(again, Redrive(dry=False))
    assert len(await place.requests()) == 1
    assert await place.dead_ids() == []


async def test_purging_takes_the_picture_along_that_came_as_bytes(place) -> None:
    await place.store.put(upload_key("a"), b"picture")
    await place.bury("a", image_url=upload_url(upload_key("a")))
    await place.shared.dead_letter.send("no job")
    work = Purge()
    await through(place.dead, work)
    assert await place.dead_ids() == []
    assert await place.store.keys("") == []
    assert work.report() == "2 messages removed."


async def test_without_a_queue_there_is_nothing_to_open() -> None:
    with pytest.raises(QueueMissing):
        await DeadLetters.open(MemoryQueues(), NAMES, MemoryStore())


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["redrive"], "--all"),
        (["redrive", "a", "--all"], "--all"),
        (["purge"], "--all"),
        (["list", "--limit", "0"], "limit"),
    ],
)
def test_wrong_use_is_refused(arguments, word) -> None:
    result = runner.invoke(app, ["dlq", *arguments])
    assert result.exit_code == 2
    assert word in result.output


def test_a_purge_that_nobody_confirms_removes_nothing() -> None:
    result = runner.invoke(app, ["dlq", "purge", "--all"], input="n\n")
    assert result.exit_code == 1
    assert "Nothing was removed" in result.output


def test_times_are_told_in_their_two_greatest_units() -> None:
    assert [span(s) for s in (0, 59.9, 61, 3600, 90000)] == [
        "0 s", "59 s", "1 min 1 s", "1 h 0 min", "1 d 1 h",
    ]  # fmt: skip
