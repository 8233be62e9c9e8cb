"""The arrays must say what dealing pictures out one by one says."""

from heapq import heapify, heapreplace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balancer.simulator.backlog import Backlog
from balancer.simulator.pool import WHO, Pool

seconds = st.floats(0, 50, allow_nan=False)
arrivals = st.lists(seconds, max_size=120).map(sorted)
crews = st.lists(seconds, min_size=1, max_size=12).map(sorted)
segments = st.lists(st.tuples(st.floats(0.1, 15), st.floats(0.05, 4)), min_size=1, max_size=8)


def dealt(shown, ready, ends):
    """Begun seconds and workers, one picture at a time; `ends` are ends of segments and their s."""
    heap = [(at, who) for who, at in enumerate(ready)]
    heapify(heap)
    begun = []
    for picture in shown:
        free, who = heap[0]
        start = max(picture, free)
        s = next((s for end, s in ends if start < end), None)
        if s is None:
            break
        heapreplace(heap, (start + s, who))
        begun.append(start)
    return begun, sorted(free for free, _ in heap)


def served(shown, ready, ends):
    """The same by the pool: workers join and pictures come as time passes."""
    pool, backlog, begun = Pool(), Backlog(), []
    came, joined, now = 0, 0, 0.0
    for end, s in ends:
        while now < end:
            while joined < len(ready) and ready[joined] <= now:
                pool.join(joined, ready[joined])
                joined += 1
            until = min([end, *ready[joined : joined + 1]])
            fresh = [at for at in shown[came:] if at < until]
            came += len(fresh)
            backlog.add(np.array(fresh), np.array(fresh))
            begun.extend(pool.serve(backlog, until, s)[0].tolist())
            now = until
    return begun, sorted(pool.lanes[0].tolist()), joined


@given(arrivals, crews, segments)
def test_begins_every_picture_when_dealing_them_one_by_one_does(shown, ready, parts):
    ends = [(end, s) for end, (_, s) in zip(np.cumsum([w for w, _ in parts]), parts, strict=True)]
    ready = [at for at in ready if at < ends[-1][0]]
    if not ready:
        return
    expected, free = dealt(shown, ready, ends)
    begun, mine, joined = served(shown, ready, ends)
    assert begun == pytest.approx(expected, abs=1e-6)
    assert joined == len(ready)
    assert mine == pytest.approx(free, abs=1e-6)


@given(st.integers(0, 2**32), st.integers(1, 12), st.floats(0.2, 3))
def test_a_pace_that_changes_while_many_work_lets_nobody_wait_for_a_slow_one(seed, crew, load):
    random = np.random.default_rng(seed)
    ends = list(
        zip((5.0, 10.0, 15.0, 90.0), random.choice([0.1, 0.5, 4.0], 4).tolist(), strict=True)
    )
    shown = np.sort(random.random(int(20 * crew * load)) * 15).tolist()
    ready = np.sort(random.random(crew) * 4).tolist()
    expected, free = dealt(shown, ready, ends)
    begun, mine, _ = served(shown, ready, ends)
    assert begun == pytest.approx(expected, abs=1e-6)
    assert mine == pytest.approx(free, abs=1e-6)


@given(arrivals, st.integers(1, 9), st.floats(0.05, 4), st.lists(seconds, max_size=5).map(sorted))
def test_cutting_time_into_pieces_changes_nothing(shown, crew, s, cuts):
    whole = served(shown, [0.0] * crew, [(200.0, s)])
    pieces = served(shown, [0.0] * crew, [(cut, s) for cut in cuts if cut > 0] + [(200.0, s)])
    assert pieces[0] == pytest.approx(whole[0], abs=1e-6)


def test_knows_who_works_at_what():
    pool, backlog = Pool(), Backlog()
    for who in (7, 8):
        pool.join(who, 0.0)
    shown = np.array([1.0, 1.5, 2.0])
    backlog.add(shown, shown - 0.25)
    pool.serve(backlog, 10.0, 2.0)
    # The third picture goes to whoever took the first.
    assert dict(zip(pool.crew[WHO].tolist(), pool.lanes.T.tolist(), strict=True)) == {
        7: [5.0, 3.0, 1.75],
        8: [3.5, 1.5, 1.25],
    }
    assert pool.busy(3.0) == 2
    assert pool.busy(3.5) == 1
    assert pool.leave(pool.place(7)) == (5.0, 3.0, 1.75)
    assert pool.crew[WHO].tolist() == [8]
