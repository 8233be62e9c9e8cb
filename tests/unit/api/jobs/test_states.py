"""A job's one end, under every order of what may end it: at two replicas and in a worker, store call by store
call, as Hypothesis has them take turns."""

import asyncio
import time
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from api.jobs import states
from api.jobs.book import Book
from api.jobs.jobs import Jobs
from api.jobs.marker import Order
from wire.errors import JobNotFound, JobUnfinished
from wire.leases import Lease
from wire.memory import MemoryQueues, MemoryStore
from wire.messages import Answer, ErrorBody, Job
from wire.queues import QueueOptions, Received
from worker.effects import Effects
from worker.parcel import Parcel

NOW, DEADLINE = 1000.0, 100.0
LATE = NOW + DEADLINE + states.GRACE + 1
UUID = "0b2b6c0e-6f0c-4d0e-9a53-0d9a5a0f6d3f"
JOB = Job(
    uuid=UUID,
    image_url="https://example.com/cat.jpg",
    reply_to="d-outcomes",
    persist="each",
    deadline=DEADLINE,
    order=UUID,
    hook=True,
)
ORDER = Order(id=UUID, client="ann", submitted=NOW, ahead=0, fingerprint="f", job=JOB)


class Turns(MemoryStore):
    """A store each call of which waits for its turn; `next` says whose it is."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[asyncio.Future[None]] = []

    async def _turn(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    async def let(self, choose: Callable[[int], int]) -> bool:
        """Let one call through; False when none waits."""
        for _ in range(10):
            await asyncio.sleep(0)
        if not self._waiting:
            return False
        self._waiting.pop(choose(len(self._waiting))).set_result(None)
        return True

    async def get(self, key):
        await self._turn()
        return await super().get(key)

    async def put(self, key, data, content_type="application/json"):
        await self._turn()
        await super().put(key, data, content_type)

    async def put_new(self, key, data, content_type="application/json"):
        await self._turn()
        if key in self._objects:
            return False
        await super().put(key, data, content_type)
        return True

    async def delete(self, key):
        await self._turn()
        await super().delete(key)


class Chores:
    """A desk that counts."""

    def __init__(self) -> None:
        self.left: list[str] = []

    async def put(self, chore) -> None:
        self.left.append(chore.kind)


class Nowhere:
    """A sender; what is in the queue is not this test's matter."""

    async def send(self, job, group) -> None:
        return


class Stage:
    """One job, two replicas whose clocks are told, and a worker."""

    def __init__(self) -> None:
        self.store, self.desk = Turns(), Chores()
        self.seen: list[str] = []
        self.answered: list[Answer] = []

    def replica(self, now: float) -> Jobs:
        return Jobs(Book(self.store), Nowhere(), self.desk, lambda: now)

    async def look(self, now: float) -> None:
        entry = await self.replica(now).find(UUID, "ann")
        self.seen.append(states.state(entry.answer, in_hand=False))

    async def cancel(self) -> None:
        entry = await self.replica(NOW).cancel(UUID, "ann")
        self.seen.append(states.state(entry.answer, in_hand=False))

    async def work(self, worked: Answer) -> None:
        """As a worker does: look what stands, else put one's own, and send what stands then."""
        queues = MemoryQueues()
        requests = await queues.ensure("requests", QueueOptions())
        effects = Effects(queues, requests, requests, self.store, None)
        received = Received(JOB.encode(), "m", "r", 1, NOW, 0.0)
        lease = Lease(received, time.monotonic() + 100, time.monotonic)
        parcel = Parcel(received, JOB, lease, time.monotonic() + 100)
        answer = await effects.earlier(parcel) or worked
        self.answered.append(await effects.store(parcel, answer))

    async def play(self, acts, choose) -> None:
        entering = asyncio.create_task(self.replica(NOW).enter(ORDER, chosen=False))
        while await self.store.let(lambda _: 0):
            pass
        await entering
        tasks = [asyncio.create_task(act()) for act in acts]
        while await self.store.let(choose):
            pass
        await asyncio.gather(*tasks)

    async def end(self) -> str:
        """What stands, by the store's word."""
        entry = asyncio.create_task(self.replica(NOW).find(UUID, "ann"))
        while await self.store.let(lambda _: 0):
            pass
        return states.state((await entry).answer, in_hand=False)


def good() -> Answer:
    return Answer(uuid=UUID, image_url=JOB.image_url, result="cat", order=UUID, hook=True)


def failed(code: str) -> Answer:
    error = ErrorBody(code=code, message="")
    return Answer(uuid=UUID, image_url=JOB.image_url, error=error, order=UUID, hook=True)


ACTS: dict[str, Callable[[Stage], Callable]] = {
    "cancel": lambda stage: stage.cancel,
    "expire": lambda stage: lambda: stage.look(LATE),
    "look": lambda stage: lambda: stage.look(NOW),
    "answer": lambda stage: lambda: stage.work(good()),
    "fail": lambda stage: lambda: stage.work(failed("invalid_image")),
    "expire in the worker": lambda stage: lambda: stage.work(failed("job_expired")),
}


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(sorted(ACTS)), min_size=1, max_size=6), st.data())
def test_whatever_ends_a_job_ends_it_once_for_everybody(names, data) -> None:
    async def run() -> None:
        stage = Stage()
        acts = [ACTS[name](stage) for name in names]
        await stage.play(acts, lambda count: data.draw(st.integers(0, count - 1)))
        end = await stage.end()
        ended = {state for state in stage.seen if state in states.FINAL}
        assert ended <= {end}
        assert {states.settled(answer) for answer in stage.answered} <= {end}
        # Nobody ends a job that nobody ended; and whoever ended it told so, once.
        ending = set(names) - {"look"}
        assert (end in states.FINAL) == bool(ending)
        by_replica = len(stage.desk.left)
        assert by_replica <= 1
        if not stage.answered and ending:
            assert by_replica == 1

    asyncio.run(run())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["answer", "cancel", "expire", "look"]), max_size=4), st.data())
def test_what_is_forgotten_stays_forgotten(names, data) -> None:
    async def run() -> None:
        stage = Stage()

        async def forget() -> None:
            await stage.replica(NOW).delete(UUID, "ann")

        async def tolerant(act) -> None:
            try:
                await act()
            except JobNotFound:
                return

        acts = [lambda act=ACTS[name](stage): tolerant(act) for name in names]
        await stage.play([forget, *acts], lambda count: data.draw(st.integers(0, count - 1)))
        late = asyncio.create_task(stage.work(good()))
        found = asyncio.create_task(stage.replica(NOW).find(UUID, "ann"))
        while await stage.store.let(lambda _: 0):
            pass
        await late
        # Its message may come to a worker yet: nothing of it is worked, told, or found.
        assert stage.answered[-1].error is not None
        assert not stage.answered[-1].hook
        assert isinstance(found.exception(), JobNotFound)

    asyncio.run(run())


@given(st.sampled_from([None, good(), failed("invalid_image"), failed("job_canceled")]))
def test_a_retry_is_one_job_however_often_it_is_asked_for(answer) -> None:
    async def run() -> None:
        store = MemoryStore()
        jobs = Jobs(Book(store), Nowhere(), Chores(), lambda: NOW)
        await jobs.enter(ORDER, chosen=False)
        if answer is None:
            try:
                await jobs.retry(UUID, "ann")
            except JobUnfinished:
                return
            raise AssertionError("an unfinished job was asked again")
        await store.put_new(f"results/{UUID}.json", answer.encode().encode())
        first, second = [await jobs.retry(UUID, "ann") for _ in range(2)]
        assert first.marker == second.marker
        assert first.order.retry_of == UUID
        assert first.order.job.uuid == first.order.job.order != UUID

    asyncio.run(run())


def test_nobody_else_s_job_is_found_or_ended() -> None:
    async def run() -> None:
        jobs = Jobs(Book(MemoryStore()), Nowhere(), Chores(), lambda: NOW)
        await jobs.enter(ORDER, chosen=False)
        for act in (jobs.find, jobs.cancel, jobs.delete, jobs.retry):
            try:
                await act(UUID, "bob")
            except JobNotFound:
                continue
            raise AssertionError(act)
        assert (await jobs.find(UUID, "ann")).answer is None

    asyncio.run(run())
