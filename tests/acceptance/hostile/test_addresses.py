"""No packet reaches a refused address, whatever the URL, the name or the redirect that leads there."""

import pytest

from tests.acceptance.hostile import addresses_cases, names_cases, origins_cases, zone
from tests.acceptance.hostile.case import BLOCKED, RED, Case, reached
from tests.acceptance.hostile.client import WorldClient
from tests.acceptance.hostile.judge import Judge

pytestmark = pytest.mark.acceptance
AT_THE_DOOR = addresses_cases.ALL
"""Refused by the front end, by the text alone: no job is made, no name is looked up."""
BY_THE_WORKER = names_cases.ALL + origins_cases.ALL
CASES = AT_THE_DOOR + BY_THE_WORKER
PUBLIC = reached(zone.PUBLIC, zone.PUBLIC_V6)


@pytest.mark.parametrize(
    ("address", "port"),
    [("10.1.2.3", 80), ("169.254.169.254", 80), ("fd00::1", 6379), ("127.0.0.2", 443)],
)
def test_a_connection_to_a_refused_address_is_seen(
    world: WorldClient, address: str, port: int
) -> None:
    seen = world.dial(address, port)
    assert reached(address, port=port) == set(seen["packets"])
    assert seen["tripped"] == [f"{address} port {port}"]


def test_a_packet_to_a_port_where_nobody_listens_is_seen(world: WorldClient) -> None:
    assert world.dial("192.168.7.7", 12345)["packets"] == ["tcp 192.168.7.7:12345"]


def test_no_two_cases_have_one_name() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 75


@pytest.mark.parametrize("case", AT_THE_DOOR, ids=lambda case: case.id)
def test_a_url_that_is_refused_at_the_door(judge: Judge, case: Case) -> None:
    reply = judge.case(case)
    assert not reply.names
    assert reply.json["error"]["job"] is None


@pytest.mark.parametrize("case", BY_THE_WORKER, ids=lambda case: case.id)
def test_a_hostile_url(judge: Judge, case: Case) -> None:
    judge.case(case)


def test_a_name_that_turns_private_is_refused_at_the_next_dial(judge: Judge) -> None:
    for name in ("turns-private.test", "turns-private-v6.test"):
        first = judge.world.get(f"http://{name}/red")
        judge.verdict(first, RED)
        judge.packets(first, PUBLIC)
        for _ in range(2):
            again = judge.world.get(f"http://{name}/red")
            judge.verdict(again, BLOCKED)
            judge.packets(again)
    judge.next_good()


def test_a_name_that_turns_public_is_refused_before(judge: Judge) -> None:
    first = judge.world.get("http://turns-public.test/red")
    judge.verdict(first, BLOCKED)
    judge.packets(first)
    later = judge.world.get("http://turns-public.test/red")
    judge.verdict(later, RED)
    judge.packets(later, PUBLIC)


def test_a_name_that_turns_private_between_two_hops_is_refused(judge: Judge) -> None:
    reply = judge.world.get("http://turns-at-redirect.test/redirect?to=/red")
    judge.verdict(reply, BLOCKED)
    judge.packets(reply, PUBLIC)
    assert [target for _, target, _ in reply.requests] == ["/redirect?to=/red"]
    judge.next_good()


def test_a_name_that_turns_private_between_two_tries_is_refused(judge: Judge) -> None:
    reply = judge.world.get("http://turns-at-retry.test/5xx-once?turning")
    judge.verdict(reply, BLOCKED)
    judge.packets(reply, PUBLIC)
    judge.next_good()


def test_the_second_of_two_urls_is_no_way_round(judge: Judge) -> None:
    reply = judge.world.get_raw("url=http://public.test/red&url=http://127.0.0.1/red")
    judge.packets(reply, PUBLIC)
    judge.next_good()


def test_transient_statuses_are_tried_again_and_permanent_ones_are_not(judge: Judge) -> None:
    tries = {
        status: len(judge.world.get(f"http://public.test/status-{status}").requests)
        for status in (404, 503)
    }
    assert tries == {404: 1, 503: 3}


def test_nothing_of_ours_is_told_to_an_origin(judge: Judge) -> None:
    (request,) = judge.world.get("http://public.test/red").requests
    _, _, headers = request
    assert set(headers) == {"host", "accept", "accept-encoding", "user-agent"}
    assert headers["host"] == "public.test"


def test_all_refusals_of_an_address_are_alike(judge: Judge) -> None:
    for case in (addresses_cases.PLAIN[0], names_cases.RESOLVED[0], names_cases.TO_PRIVATE[0]):
        judge.verdict(judge.world.get(case.url), BLOCKED)
    assert len(judge.refusals) == 1, "\n---\n".join(judge.refusals)
