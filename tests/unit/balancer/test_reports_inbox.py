"""The reports queue is emptied, whatever is in it."""

from balancer.inbox import Inbox


def inbox(place) -> Inbox:
    return Inbox(place.shared.reports, place.shared.dead_letter, place.clock)


async def test_every_report_is_taken_and_deleted(place) -> None:
    for number in range(37):
        await place.report(f"w{number}", "ready")
    heard = await inbox(place).take()
    assert {each.report.sender for each in heard} == {f"w{number}" for number in range(37)}
    depth = await place.shared.reports.depth()
    assert depth.visible + depth.in_flight == 0
    assert await inbox(place).take() == []


async def test_a_report_counts_from_when_it_was_sent(place) -> None:
    await place.report("w", "ready")
    place.clock.now += 40
    [heard] = await inbox(place).take()
    assert heard.at == place.clock.now - 40


async def test_what_is_no_report_is_set_aside_and_harms_nothing(place) -> None:
    await place.shared.reports.send("not json")
    await place.shared.reports.send('{"schema": 2, "sender": "x"}')
    await place.report("w", "ready")
    assert [each.report.sender for each in await inbox(place).take()] == ["w"]
    assert await place.bodies(place.shared.dead_letter) == [
        "not json",
        '{"schema": 2, "sender": "x"}',
    ]
