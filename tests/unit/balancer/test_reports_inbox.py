"""The reports queue is emptied, whatever is in it."""

import pytest

from balancer.inbox import Inbox, Taken
from wire.errors import QueueUnavailable


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
