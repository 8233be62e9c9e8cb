"""Places among the fetchers, and hosts that are left alone."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.errors import FetchTimeout, UpstreamStatus, UpstreamUnreachable
from worker.breaker import STRIKES, Breaker, LeftAlone
from worker.places import Places


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


@given(
    total=st.integers(1, 9),
    visits=st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30),
)
def test_no_place_is_ever_lost_however_visitors_leave(total, visits):
    async def run():
        places = Places(total)
        inside, most = 0, 0

        async def visit(name):
            nonlocal inside, most
            async with places.place(name):
                inside += 1
                most = max(most, inside)
                try:
                    await asyncio.sleep(0)
                finally:
                    inside -= 1

        tasks = []
        for name, leaves in visits:
            tasks.append(asyncio.create_task(visit(name)))
            await asyncio.sleep(0)
            if leaves:
                tasks[len(tasks) // 2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert most <= total
        async with AsyncExitStack() as stack, asyncio.timeout(5):
            for i in range(total):  # all of them are free again
                await stack.enter_async_context(places.place(str(i)))

    asyncio.run(run())


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def fail(breaker, clock, seconds, error=FetchTimeout, host="slow"):
    def fetch():
        clock.now += seconds
        raise error

    with pytest.raises(error), breaker.over(host):
        fetch()


def test_a_host_that_lets_fetches_run_out_is_left_alone_for_a_while():
    clock = Clock()
    breaker = Breaker(15.0, clock)
    for _ in range(STRIKES):
        fail(breaker, clock, 15.0)
    with pytest.raises(LeftAlone), breaker.over("slow"):
        pytest.fail("nobody may be sent there")
    with breaker.over("other"):
        pass
    clock.now += 15.0
    fail(breaker, clock, 15.0)  # one tries again, and fails again
    with pytest.raises(LeftAlone), breaker.over("slow"):
        pytest.fail("nobody may be sent there")


def test_only_one_tries_a_host_that_was_left_alone():
    clock = Clock()
    breaker = Breaker(15.0, clock)
    for _ in range(STRIKES):
        fail(breaker, clock, 15.0)
    clock.now += 15.0
    with breaker.over("slow"), pytest.raises(LeftAlone), breaker.over("slow"):
        pytest.fail("one is enough")
    with breaker.over("slow"):  # and that one found it well
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
        with breaker.over("slow"):
            pass
