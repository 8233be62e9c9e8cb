"""A worker of the model: every part the real one, but the network, the decoder and the neural one."""

import asyncio
from collections import Counter

from tests.unit.delivery.world import NAMES, Killed, Life, SeenQueues, SeenStore, World
from wire.errors import UpstreamUnreachable, WorkerCrashed
from wire.leases import Keeper
from wire.messages import Label
from wire.topology import open_shared
from worker.batcher import Batcher
from worker.breaker import Breaker
from worker.decoder.pool import NoDecoder
from worker.effects import Effects
from worker.journey import Journey
from worker.layers import Layers
from worker.lifecycle import Lifecycle
from worker.lookout import Lookout
from worker.loop import Loop
from worker.models import Models
from worker.pictures import Pictures
from worker.places import Places
from worker.quarantine import Quarantine
from worker.records import Records
from worker.reporter import Reporter
from worker.shift import Shift
from worker.tally import Tally
from worker.watchdog import Watchdog
from worker.work import Work

KILLER, SLOW, SHAKY = "killer", "slow", "shaky"
HANGING = 90.0  # seconds that SLOW takes to come: longer than a worker that leaves has
FETCHING, DECODING = 0.05, 0.02  # seconds


class Eye:
    """Sees in a picture its own bytes. One that begins with KILLER kills whoever looks."""

    name, version, recipe = "eye", "1", None
    lanes, ahead, portion = 2, 2, 4

    def __init__(self, hand: "Hand") -> None:
        self._hand = hand

    def classify(self, pictures, wanted):
        if any(picture.startswith(KILLER.encode()) for picture in pictures):
            self._hand.kill()
            raise Killed
        return [(Label(name=p.decode(), class_id="c", confidence=1.0),) for p in pictures]

    classify_beside = classify


class Hand:
    """One worker process. Subclasses put a faulty part in the place of a right one."""

    effects = Effects
    journey = Journey
    quarantine = Quarantine
    work = Work

    def __init__(self, world: World, name: str) -> None:
        self.life = Life()
        self._world = world
        self._name = name
        self._fetches: Counter[str] = Counter()
        self.task: asyncio.Task | None = None

    async def start(self) -> "Hand":
        queues, store = SeenQueues(self._world, self.life), SeenStore(self._world, self.life)
        shared = await open_shared(queues, NAMES)
        shift, tally, eye = Shift(20, self._world.loop.time), Tally(), Eye(self)
        models = Models(lambda name, version: eye)
        models.hold(eye)
        batcher, quarantine = Batcher(16, Watchdog()), self.quarantine(store)
        keeper = Keeper(shared.requests, clock=self._world.loop.time)
        pictures = Pictures(self._download, store, max_bytes=1000)
        work = self.work(
            models, pictures, batcher, quarantine, Places(16), Breaker(15.0), 2, self._decode,
            shift.moved, self._try, Layers(Watchdog()),
        )  # fmt: skip
        effects = self.effects(queues, shared.requests, shared.dead_letter, store, Records(store))
        journey = self.journey(NAMES, keeper, shift, quarantine, work, effects, tally)
        loop = Loop(shared.requests, shift, journey, tally, wait=20, appetite=lambda pace: 20)
        lookout = Lookout(shared.terminate, shift, wait=20, every=20, after=5)
        reporter = Reporter(shared.reports, self._name, shift, tally, 30)
        beside = [batcher.run(), keeper.run()]
        self.task = asyncio.create_task(Lifecycle(shift, loop, lookout, reporter, beside).run(0.0))
        self.shift = shift
        return self

    @property
    def works(self) -> bool:
        return not self.life.dead and self.task is not None and not self.task.done()

    def kill(self) -> None:
        """SIGKILL."""
        self.life.dead = True
        if self.task is not None:
            self.task.cancel()

    def leave(self) -> None:
        """SIGTERM."""
        self.shift.drain("SIGTERM")

    async def _download(self, url):
        self._world.fetch(url)
        self._fetches[url] += 1
        picture = url.rsplit("/", 1)[-1]
        await asyncio.sleep(HANGING if picture.startswith(SLOW) else FETCHING)
        if picture.startswith(SHAKY) and self._fetches[url] % 3:
            raise UpstreamUnreachable
        return picture.encode()

    async def _decode(self, data, recipe, again):
        await asyncio.sleep(DECODING)
        if self._world.fate("decode"):
            raise NoDecoder
        return data

    async def _try(self, model, picture, count, sieve=None):
        await asyncio.sleep(1)
        if picture.startswith(KILLER.encode()):
            raise WorkerCrashed
        return model.classify([picture], count)[0]
