"""A replica of the front end in the model: the real `Replica`, and clients in place of HTTP."""

import asyncio
import uuid

from api.client import ClientGone
from api.idempotency.keyed import Keyed
from api.models import Models
from api.replica import Replica
from api.submit import Options
from classifier.catalog import BUNDLED, DEFAULT, Catalog
from tests.unit.delivery.history import Asked
from tests.unit.delivery.world import NAMES, Life, SeenQueues, SeenStore, World
from wire.errors import ServiceError
from wire.names import upload_key
from wire.settings import ApiSettings

WAIT, DEADLINE, GRACE = 120.0, 300.0, 5.0
PERSISTENT = Options(top=1, persist="each")
ORDINARY = Options(top=1)


class Client:
    """Whoever waits; satisfies `api.client.Client`. `job` is the id that an error of its names."""

    group = None
    job: str | None = None

    def carries(self, uuid):
        self.job = uuid

    def replayed(self):
        return

    async def gone(self):
        await asyncio.Event().wait()


class Front:
    """One replica. Subclasses put a faulty part in the place of a right one."""

    def __init__(self, world: World) -> None:
        self.life = Life()
        self._world = world
        self._clients: dict[asyncio.Task, Asked] = {}
        queues, store = SeenQueues(world, self.life), SeenStore(world, self.life)
        settings = ApiSettings(
            deployment=NAMES.deployment,
            wait=WAIT,
            job_deadline=DEADLINE,
            drain_grace=GRACE,
            access="public",
        )
        self.replica = Replica(settings, queues, store, Models(Catalog(BUNDLED, DEFAULT)))
        self.store = store
        self.replica.pending._clock = self.replica.late._clock = world.loop.time
        self.replica.late._now = world.clock
        self.replica.idempotency._clock = world.loop.time
        self.keyed = Keyed(self.replica.submitter, None, self.replica.idempotency)
        self.stopped_at: float | None = None
        self.stopping: asyncio.Task | None = None
        self.id = ""

    async def start(self) -> "Front":
        before = asyncio.all_tasks()
        self.replica.start()
        self._own = asyncio.all_tasks() - before
        self._opening = asyncio.create_task(self._name())
        return self

    @property
    def takes(self) -> bool:
        return not self.life.dead and self.stopping is None

    def ask(self, asked: Asked, kind: str) -> None:
        task = asyncio.create_task(self._ask(asked, kind))
        self._clients[task] = asked

    def stop(self) -> None:
        """SIGTERM."""

        async def stop():
            await self.replica.stop()
            if self._clients:  # the server waits for requests that still run
                await asyncio.wait(self._clients)
            self.stopped_at = self._world.loop.time()
            self.life.dead = True

        self.stopping = asyncio.create_task(stop())

    def die(self) -> None:
        """SIGKILL: whoever waits finds the connection broken."""
        self.life.dead = True
        self.stopped_at = self._world.loop.time()
        for task, asked in self._clients.items():
            if not task.done():
                asked.broken = True
                task.cancel()
        for task in (*self._own, *self.replica.collector._tasks, self._opening, self.stopping):
            if task is not None:
                task.cancel()

    async def _name(self):
        await self.replica.connection.decided()
        if self.replica.connection.current is not None:
            self.id = self.replica.connection.current.replica

    async def _ask(self, asked: Asked, kind: str) -> None:
        client = Client()
        try:
            answer = await self._answer(asked, kind, client)
        except ClientGone:
            asked.broken = True
        except ServiceError as error:
            asked.told.append((client.job, None, error.code))
        else:
            asked.told.append((answer.uuid, answer.result, None))

    async def _answer(self, asked: Asked, kind: str, client: Client):
        submitter, picture = self.replica.submitter, asked.picture
        if kind == "upload":
            submitter.admit(ORDINARY)
            asked.upload = name = str(uuid.uuid4())
            await self.store.put(upload_key(name), picture.encode())
            return await submitter.by_upload(name, ORDINARY, client)
        if kind == "keyed":
            url = f"https://pictures.test/{picture}"
            return await self.keyed.by_url("", asked.key, url, ORDINARY, client)
        options = PERSISTENT if kind == "each" else ORDINARY
        return await submitter.by_url(f"https://pictures.test/{picture}", options, client)


class Known:
    """What a balancer knows of the replicas; satisfies what the reaper asks of `balancer.replicas`."""

    def __init__(self, world: World, fronts: list[Front]) -> None:
        self._world, self._fronts = world, fronts

    def _gone_at(self, replica):
        for front in self._fronts:
            if front.id == replica:
                return front.stopped_at
        return None

    def just_stopped(self):
        return set()

    def has_stopped(self, replica, now):
        front = next((each for each in self._fronts if each.id == replica), None)
        return front is not None and front.stopping is not None and front.stopped_at is not None

    def silent_for(self, replica, now):
        gone = self._gone_at(replica)
        return 0.0 if gone is None else self._world.loop.time() - gone

    def listed(self, replica, now):
        return

    def forget_silent(self, but, seconds, now):
        return
