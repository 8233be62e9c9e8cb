"""The reports queue is emptied, whatever is in it."""

import pytest

from balancer.inbox import Inbox, Taken
from wire.errors import QueueUnavailable
from wire.messages import Report
from wire.names import QueueNames
from wire.queues import QueueOptions, TooManyInFlight
from wire.topology import open_shared


def inbox(place) -> Inbox:
    return Inbox(place.shared.reports, place.shared.dead_letter, place.clock)


async def test_every_report_is_taken_once_and_expires(place) -> None:
    for number in range(37):
        await place.report(f"w{number}", "ready")
    taken = await inbox(place).take()
    assert taken.complete
    assert {each.report.sender for each in taken.heard} == {f"w{number}" for number in range(37)}
    for _ in range(7):
        assert await inbox(place).take() == Taken([], complete=True)
        place.clock.now += 10
    depth = await place.shared.reports.depth()
    assert depth.visible + depth.in_flight == 0


async def test_a_report_counts_from_when_it_was_sent(place) -> None:
    await place.report("w", "ready")
    place.clock.now += 40
    [heard] = (await inbox(place).take()).heard
    assert heard.at == place.clock.now - 40


async def test_what_is_no_report_is_set_aside_and_harms_nothing(place) -> None:
    await place.shared.reports.send("not json")
    await place.shared.reports.send('{"schema": 2, "sender": "x"}')
    await place.report("w", "ready")
    assert [each.report.sender for each in (await inbox(place).take()).heard] == ["w"]
    assert await place.bodies(place.shared.dead_letter) == [
        "not json",
        '{"schema": 2, "sender": "x"}',
    ]


async def test_an_outage_after_the_first_reports_does_not_lose_them(place, monkeypatch) -> None:
    for number in range(25):
        await place.report(f"w{number}", "ready")
    receive, calls = place.shared.reports.receive, []

    async def twice(limit: int, wait: float):
        calls.append(limit)
        if len(calls) > 2:
            raise QueueUnavailable
        return await receive(limit, wait)

    with monkeypatch.context() as outage:
        outage.setattr(place.shared.reports, "receive", twice)
        first = await inbox(place).take()
    rest = await inbox(place).take()
    assert (len(first.heard), first.complete) == (20, False)
    assert (len(rest.heard), rest.complete) == (5, True)


async def test_an_outage_before_anything_was_heard_is_said(place, monkeypatch) -> None:
    async def down(limit: int, wait: float) -> None:
        raise QueueUnavailable

    monkeypatch.setattr(place.shared.reports, "receive", down)
    with pytest.raises(QueueUnavailable):
        await inbox(place).take()


async def test_what_an_older_queue_shows_again_is_passed_over(place) -> None:
    # As versions before made it: ten minutes of retention.
    names = QueueNames("older")
    await place.queues.ensure(names.reports, QueueOptions(visibility=30, retention=600))
    shared = await open_shared(place.queues, names)
    taking = Inbox(shared.reports, shared.dead_letter, place.clock)
    await shared.reports.send(Report(sender="w", kind="worker", state="ready").encode())
    await shared.reports.send("not json")
    assert len((await taking.take()).heard) == 1
    for _ in range(60):
        place.clock.now += 10
        assert await taking.take() == Taken([], complete=True)
    assert await place.bodies(shared.dead_letter) == ["not json"]


@pytest.mark.parametrize("batches", [0, 1])
async def test_too_many_in_flight_is_no_outage(place, monkeypatch, batches) -> None:
    for number in range(25):
        await place.report(f"w{number}", "ready")
    receive, calls = place.shared.reports.receive, []

    async def some(limit: int, wait: float):
        calls.append(limit)
        if len(calls) > batches:
            raise TooManyInFlight
        return await receive(limit, wait)

    monkeypatch.setattr(place.shared.reports, "receive", some)
    taken = await inbox(place).take()
    # Some may wait unread: nobody may be called silent.
    assert (len(taken.heard), taken.complete) == (10 * batches, False)
