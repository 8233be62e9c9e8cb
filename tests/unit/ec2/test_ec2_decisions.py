"""The pure parts: rounds, pools, buckets, tokens, faults."""

from itertools import product

import pytest
from botocore.exceptions import NoCredentialsError

from balancer.fleet import Order
from balancer.fleets.ec2.bucket import Bucket
from balancer.fleets.ec2.faults import Fault, fault_of
from balancer.fleets.ec2.instances import Instance
from balancer.fleets.ec2.pools import DRY_FOR, Drought, Pool, turned
from balancer.fleets.ec2.round import BATCH, CALLS, Round
from balancer.fleets.ec2.standby import care, wakeable
from balancer.fleets.ec2.tokens import client_token
from tests.unit.ec2.fake_faults import lost, refusal
from wire.errors import QueueUnavailable

POOLS = [Pool(f"type{number}", None, "spot", 0.1) for number in range(9)]


def test_a_round_makes_no_more_calls_than_a_tick_has_time_for():
    done = Round(3, POOLS, None)
    asked = 0
    while (ask := done.next(1000)) is not None:
        asked += 1
        done.failed(ask, Fault.DRY)
    assert asked == CALLS < len(POOLS)


@pytest.mark.parametrize("kind", [Fault.THROTTLED, Fault.MISSING, Fault.STATE])
def test_a_round_ends_with_an_answer_that_says_nothing_of_the_pool(kind):
    done = Round(3, POOLS, None)
    done.failed(done.next(1000), kind)
    assert done.next(1000) is None
    assert done.taken == 0


def test_a_lost_answer_counts_in_full_and_ends_the_round():
    done = Round(BATCH + 7, POOLS, None)
    done.lost(done.next(1000))
    assert done.taken == BATCH
    assert done.next(1000) is None


def test_a_round_asks_for_no_more_than_the_rate_and_the_money_allow():
    assert Round(50, POOLS, None).next(7).count == 7
    assert Round(50, POOLS, 0.3).next(1000).count == 3
    assert Round(50, POOLS, 0.09).next(1000) is None
    assert Round(50, POOLS, None).next(0) is None


def test_what_costs_too_much_is_passed_over():
    dear, cheap = Pool("dear", None, "spot", 1.0), Pool("cheap", None, "spot", 0.1)
    assert Round(1, [dear, cheap], 0.5).next(1000).pool == cheap


def test_a_quota_halves_the_call_until_it_fits():
    done = Round(8, POOLS, None)
    counts = []
    for _ in range(4):
        ask = done.next(1000)
        counts.append((ask.count, ask.attempt))
        done.failed(ask, Fault.QUOTA)
    assert counts == [(8, 0), (4, 1), (2, 2), (1, 3)]
    assert done.next(1000) is None


def test_zones_turn_within_a_type_and_market_only():
    pools = [Pool(kind, zone, "spot") for kind in ("x", "y") for zone in ("a", "b", "c")]
    assert [(p.kind, p.subnet) for p in turned(pools, 4)] == [
        (kind, zone) for kind in ("x", "y") for zone in ("b", "c", "a")
    ]


def test_dry_pools_come_last_and_the_longest_unasked_of_them_first():
    drought = Drought()
    drought.dry(POOLS[:1], 10.0)
    drought.dry(POOLS[1:2], 5.0)
    assert drought.order(POOLS[:3], 20.0) == [POOLS[2], POOLS[1], POOLS[0]]
    assert drought.order(POOLS[:3], 10.0 + DRY_FOR) == POOLS[:3]
    drought.wet(POOLS[0])
    assert drought.order(POOLS[:3], 20.0) == [POOLS[0], POOLS[2], POOLS[1]]


def test_a_bucket_gives_what_it_holds_and_fills_at_its_rate():
    bucket = Bucket(size=5, rate=2.0)
    assert [bucket.take(0.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.left(1.0) == 2
    assert bucket.left(100.0) == 5


def test_a_refusal_slows_a_bucket_and_success_makes_it_as_fast_as_before():
    bucket = Bucket(size=5, rate=2.0)
    bucket.refused(0.0)
    assert bucket.left(0.9) == 0
    assert bucket.left(1.0) == 1
    for second in range(1, 20):
        bucket.refused(float(second))
    assert bucket.left(29.1) == 1
    for _ in range(20):
        bucket.granted()
    bucket.take(29.1)
    assert bucket.left(30.2) == 2


def test_a_token_differs_in_everything_that_a_launch_does():
    tokens = [
        client_token(scope, Order(1, epoch, tick), role, slot, attempt, Pool(kind, subnet, market))
        for scope, epoch, tick, role, slot, attempt, kind, subnet, market in product(
            ("one", "two"),
            (1, 2),
            (1, 2),
            ("worker", "standby"),
            (0, 1),
            (0, 1),
            ("c7a.large", "u7in-32tb.224xlarge"),
            (None, "subnet-0123456789abcdef0"),
            ("spot", "on-demand"),
        )
    ]
    assert len(set(tokens)) == len(tokens) == 2**9
    assert all(len(token) <= 64 and token.isascii() for token in tokens)
    again = client_token("one", Order(9, 1, 1), "worker", 0, 0, Pool("c7a.large", None, "spot"))
    assert again == tokens[0]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InsufficientInstanceCapacity", Fault.DRY),
        ("Server.InsufficientInstanceCapacity", Fault.DRY),
        ("VcpuLimitExceeded", Fault.QUOTA),
        ("RequestLimitExceeded", Fault.THROTTLED),
        ("InvalidInstanceID.NotFound", Fault.MISSING),
        ("IncorrectInstanceState", Fault.STATE),
        ("InternalError", Fault.UNKNOWN),
        ("IdempotentParameterMismatch", Fault.REFUSED),
        ("UnauthorizedOperation", Fault.REFUSED),
    ],
)
def test_codes_are_read_whether_they_look_like_an_outage_or_not(code, kind):
    error = refusal(code, "RunInstances")
    outage = QueueUnavailable()
    outage.__cause__ = error
    assert fault_of(error).kind is fault_of(outage).kind is kind
    assert code in str(fault_of(error))


def test_no_answer_is_unknown_and_what_was_never_sent_is_not():
    outage = QueueUnavailable()
    outage.__cause__ = lost("RunInstances")
    assert fault_of(outage).kind is Fault.UNKNOWN
    assert fault_of(ValueError("half an answer")).kind is Fault.UNKNOWN
    outage.__cause__ = NoCredentialsError()
    assert fault_of(outage).kind is Fault.REFUSED


def standby(number: int, state: str, active: bool = False) -> Instance:
    return Instance(f"i-{number}", state, "standby", active, "c7a.large", "on-demand", "t", 0.0)


def test_running_ones_are_woken_before_stopped_ones_and_those_before_booting_ones():
    pool = [
        standby(1, "pending"),
        standby(2, "stopped"),
        standby(3, "running"),
        standby(4, "stopping"),
        standby(5, "running", active=True),
        standby(6, "stopped", active=True),
    ]
    assert [each.id for each in wakeable(pool, 9)] == ["i-3", "i-2", "i-6", "i-1"]
    assert len(wakeable(pool, 2)) == 2


def test_care_counts_what_waits_and_what_is_promised_and_gives_up_the_least_useful():
    pool = [standby(1, "stopped"), standby(2, "pending"), standby(3, "running", active=True)]
    assert care(pool, 4, 1, ()).launch == 1
    assert care(pool, 1, 0, ["i-2"]) == care(pool, 1, 0, ())
    assert care(pool, 1, 0, ()).terminate == ("i-2",)
    assert care(pool, 2, 0, ["i-2"]).stop == ("i-2",)
    assert care([], 0, 0, ()).launch == 0
