"""Whoever follows a bulk job from one replica to the next never sees it go back."""

import asyncio
from itertools import count

import pytest

from api.bulk.events import further
from api.jobs.follow import Following, Seen


@pytest.mark.parametrize(
    ("mark", "known", "news"),
    [
        ("queued-0", None, True),
        ("queued-0", "", True),
        ("running-5", "running-10", False),
        ("running-10", "running-10", False),
        ("running-11", "running-10", True),
        ("running-100", "running-99", True),
        ("queued-0", "running-10", False),
        ("running-4", "queued-3", True),
        ("running-5", "succeeded", False),
        ("succeeded-10", "succeeded", False),
        ("running-40", "canceled-30", False),
        ("canceled-30", "canceled-40", False),
        ("canceled-40", "canceled-30", True),
        ("canceled-30", "running-30", True),
        ("canceled", "canceled-40", True),
        ("succeeded", "running-10", True),
        ("succeeded", "succeeded", False),
        ("running-5", "running-²", True),
        ("running-5", f"running-{'9' * 5000}", True),
        ("running-5", "nonsense", True),
    ],
)
def test_only_what_is_further_is_news(mark: str, known: str | None, news: bool) -> None:
    assert further(mark, known) is news


async def test_a_replica_that_knows_less_says_nothing_until_it_knows_more() -> None:
    done = count(7)

    async def look() -> Seen[int]:
        number = next(done)
        return Seen(f"running-{number}" if number < 13 else "succeeded", number, number == 13)

    following = Following()
    told = []
    async with asyncio.timeout(20):
        async for seen in following.course("bulk-1", look, "running-10", further):
            told.append(seen.mark if seen else None)
            following._jobs["bulk-1"].nudge()
    assert told == ["running-11", "running-12", "succeeded"]
