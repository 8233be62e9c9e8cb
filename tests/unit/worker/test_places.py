"""Places among the fetchers, and hosts that are left alone."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.errors import FetchTimeout, UpstreamStatus, UpstreamUnreachable
from worker.breaker import STRIKES, Breaker, LeftAlone
from worker.places import Places
from worker.retry import next_try


async def test_one_host_leaves_places_to_others():
    places = Places(16)
    async with AsyncExitStack() as stack, asyncio.timeout(5):
        silent = [
            asyncio.create_task(stack.enter_async_context(places.place("a"))) for _ in "x" * 40
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert sum(task.done() for task in silent) == 12
        async with places.place("b"):  # at once, though forty stand before it
            pass
        for task in silent:
            task.cancel()
        await asyncio.wait(silent)


async def test_a_place_given_up_is_the_next_ones_in_order():
    places, seen = Places(1), []

    async def visit(name):
        async with places.place(name):
            seen.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(*(visit(name) for name in "abca"))
    assert seen == list("abca")


async def test_one_caller_leaves_places_to_others_however_many_names_it_has():
    places = Places(16)
    async with AsyncExitStack() as stack, asyncio.timeout(5):
        silent = [
            asyncio.create_task(stack.enter_async_context(places.place(f"n{at}.tar", "loud")))
            for at in range(40)
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert sum(task.done() for task in silent) == 12
        for group in ("quiet", None):
            async with places.place("good", group):
                pass
        for task in silent:
            task.cancel()
        await asyncio.wait(silent)


async def free(places, total):
    """All of them can be had at once, and nobody waits."""
    async with AsyncExitStack() as stack, asyncio.timeout(5):
        for i in range(total):
            await stack.enter_async_context(places.place(str(i), str(i)))
    assert not places._waiting


async def test_whoever_holds_and_whoever_waits_may_be_canceled_in_one_step():
    """As the curfew does: the holder's place must not go to somebody who is on his way out."""
    places = Places(1)

    async def visit(name):
        async with places.place(name):
            await asyncio.sleep(60)

    tasks = [asyncio.create_task(visit(name)) for name in "abc"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in found] == [asyncio.CancelledError] * 3
    await free(places, 1)


NOBODY, ALL = slice(0, 0), slice(None)
WHOM = st.sampled_from([NOBODY, ALL]) | st.integers(0, 30).map(lambda at: slice(at, at + 1))


@given(
    total=st.integers(1, 9),
    visits=st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from([None, "x", "y"]), st.integers(0, 3), WHOM
        ),
        max_size=30,
    ),
)
def test_no_place_is_ever_lost_however_visitors_leave(total, visits):
    async def run():
        places = Places(total)
        inside, most = 0, 0

        async def visit(name, group, steps):
            nonlocal inside, most
            async with places.place(name, group):
                inside += 1
                most = max(most, inside)
                try:
                    for _ in range(steps):
                        await asyncio.sleep(0)
                finally:
                    inside -= 1

        tasks = []
        for name, group, steps, whom in visits:
            tasks.append(asyncio.create_task(visit(name, group, steps)))
            await asyncio.sleep(0)
            for task in tasks[whom]:  # in one step, as the curfew does
                task.cancel()
        async with asyncio.timeout(5):
            found = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(each) for each in found} <= {type(None), asyncio.CancelledError}
        assert most <= total
        await free(places, total)

    asyncio.run(run())


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def fail(breaker, clock, seconds, error=FetchTimeout, host="slow"):
    def fetch():
        clock.now += seconds
        raise error

    with pytest.raises(error), breaker.over("g", host):
        fetch()


def test_a_host_that_lets_fetches_run_out_is_left_alone_for_a_while():
    clock = Clock()
    breaker = Breaker(15.0, clock)
    for _ in range(STRIKES):
        fail(breaker, clock, 15.0)
    with pytest.raises(LeftAlone), breaker.over("g", "slow"):
        pytest.fail("nobody may be sent there")
    with breaker.over("g", "other"):
        pass
    clock.now += 15.0
    fail(breaker, clock, 15.0)  # one tries again, and fails again
    with pytest.raises(LeftAlone), breaker.over("g", "slow"):
        pytest.fail("nobody may be sent there")


def test_only_one_tries_a_host_that_was_left_alone():
    clock = Clock()
    breaker = Breaker(15.0, clock)
    for _ in range(STRIKES):
        fail(breaker, clock, 15.0)
    clock.now += 15.0
    with breaker.over("g", "slow"), pytest.raises(LeftAlone), breaker.over("g", "slow"):
        pytest.fail("one is enough")
    with breaker.over("g", "slow"):  # and that one found it well
        pass


@pytest.mark.parametrize(("error", "seconds"), [(UpstreamUnreachable, 0.1), (UpstreamStatus, 15.0)])
def test_a_host_that_answers_or_fails_at_once_holds_nobody_up(error, seconds):
    clock = Clock()
    breaker = Breaker(15.0, clock)
    for _ in range(3 * STRIKES):
        fail(breaker, clock, seconds, error)


def test_an_answer_between_forgives():
    clock = Clock()
    breaker = Breaker(15.0, clock)
    for _ in range(3):
        for _ in range(STRIKES - 1):
            fail(breaker, clock, 15.0)
        with breaker.over("g", "slow"):
            pass


def test_nobody_shuts_a_host_for_others():
    """Five slow pages of a shared host, or five redirects from it into a tarpit, are its visitor's matter."""
    clock = Clock()
    breaker = Breaker(15.0, clock)
    for _ in range(STRIKES):
        fail(breaker, clock, 15.0)
    with pytest.raises(LeftAlone), breaker.over("g", "slow"):
        pytest.fail("nobody may be sent there")
    for group in ("another", None):
        with breaker.over(group, "slow"):
            pass


def test_what_has_no_host_is_never_left_alone():
    clock = Clock()
    breaker = Breaker(15.0, clock)
    for _ in range(2 * STRIKES):
        fail(breaker, clock, 15.0, host="")
    with breaker.over("g", ""):
        pass


def test_to_be_left_alone_is_an_answer():
    """Another try half a second later would be another refusal."""
    assert next_try(LeftAlone(), 1, 3, 60) is None
