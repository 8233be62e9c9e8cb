"""The whole play: processes come and go in one world, time passes, and in the end all is checked."""

import asyncio

from balancer.reaper import Reaper
from tests.unit.delivery.clockwork import VirtualLoop
from tests.unit.delivery.front import Front, Known
from tests.unit.delivery.hand import KILLER, Hand
from tests.unit.delivery.history import Asked, Remains, check, check_quiet
from tests.unit.delivery.world import NAMES, Life, SeenQueues, SeenStore, World
from wire.messages import Answer, Job, Terminate, Undecodable
from wire.records import Record

REAP_AFTER = 600.0
REST = (
    1100.0  # seconds in which everything must come to rest: deadlines, time-outs, silent replicas
)


class Play:
    """One world and who lives in it; `hand` and `front` are the classes of workers and replicas."""

    def __init__(self, hand: type[Hand] = Hand, front: type[Front] = Front) -> None:
        self._hand, self._front = hand, front
        self.loop = VirtualLoop()
        self.hands: list[Hand] = []
        self.fronts: list[Front] = []
        self.asked: list[Asked] = []
        self.junk: list[str] = []
        self.world = self.loop.run(World(self.loop).open())
        balancer = Life()
        self._reaper = Reaper(
            SeenQueues(self.world, balancer),
            NAMES,
            SeenStore(self.world, balancer),
            self.world.shared.dead_letter,
            Known(self.world, self.fronts),
            REAP_AFTER,
            self.loop.time,
        )

    def hire(self) -> None:
        hand = self._hand(self.world, f"w{len(self.hands)}")
        self.hands.append(hand)
        self._soon(hand.start())

    def open(self) -> None:
        async def opened():
            self.fronts.append(await self._front(self.world).start())

        self._soon(opened())

    def ask(self, kind: str, like: str = "good") -> None:
        """A client asks a replica that takes requests; `like` is how its picture's name begins."""
        number = len(self.asked)
        self._ask(
            Asked(f"{like}-{number}", like == KILLER, at=self.world.clock(), key=str(number)), kind
        )

    def ask_again(self) -> None:
        """The last client with a key asks once more, as one does whose connection broke."""
        keyed = [each for each in self.asked if each.key]
        if keyed:
            last = keyed[-1]
            self._ask(Asked(last.picture, last.killer, at=last.at, key=last.key), "keyed")

    def _ask(self, asked: Asked, kind: str) -> None:
        front = next((each for each in reversed(self.fronts) if each.takes), None)
        if front is not None:
            if kind != "keyed":
                asked.key = ""
            self.asked.append(asked)
            self._soon(_called(front.ask, asked, kind))

    def throw_in(self, body: str) -> None:
        """Somebody writes into the requests queue what is no job."""
        self.junk.append(body)
        self.loop.run(self.world.shared.requests.send(body))

    def dismiss(self) -> None:
        """The balancer sends a terminate message."""
        order = Terminate(reason="fewer", tick=1)
        self.loop.run(self.world.shared.terminate.send(order.encode()))

    def call(self, act, *arguments) -> None:
        """Do something while the loop runs."""
        self._soon(_called(act, *arguments))

    def reap(self) -> None:
        async def reap():
            try:
                await self._reaper.reap(self.loop.time())
            except Exception:  # an outage skips the round
                return

        self.loop.run(reap())

    def pass_time(self, seconds: float) -> None:
        self.loop.run(asyncio.sleep(seconds))

    @property
    def working(self) -> list[Hand]:
        return [hand for hand in self.hands if hand.works]

    @property
    def open_fronts(self) -> list[Front]:
        return [front for front in self.fronts if front.takes]

    def rest(self) -> None:
        """No more harm is done; whoever is needed is there; everything comes to its end, and is checked."""
        self._come_to_rest()
        check(self.asked, self.loop.run(self._remains()))

    def rest_quietly(self) -> None:
        """The same after a play in which nothing but killers did harm."""
        self._come_to_rest()
        check_quiet(self.asked, self.loop.run(self._remains()))

    def _come_to_rest(self) -> None:
        self.world.faults.clear()
        self.world.outages.clear()
        if not self.open_fronts:
            self.open()
        end = self.loop.time() + REST
        while self.loop.time() < end:
            if not self.working:  # a killer may still be among them
                self.hire()
            self.pass_time(5)
            self.reap()

    def close(self) -> None:
        for front in self.fronts:
            if not front.life.dead:
                front.die()
        for hand in self.hands:
            hand.kill()
        self.loop.end()

    def _soon(self, coroutine) -> None:
        self.loop.run(coroutine)

    async def _remains(self) -> Remains:
        world = self.world
        keys = await world.store.keys("records/", 10**6)
        records = [
            Record.decode(line)
            for key in keys
            for line in (await world.store.get(key) or b"").splitlines()
        ]
        names = [
            name
            for name in await world.queues.names("")
            if name == NAMES.requests or name.startswith(NAMES.responses_prefix)
        ]
        results = {
            key.split("/")[1].removesuffix(".json"): [Answer.decode(data) for data in writes]
            for key, writes in world.results.items()
        }
        return Remains(
            records,
            results,
            {name: len(await world.bodies(name)) for name in names},
            await world.bodies(NAMES.dead_letter),
            self.junk,
            {uuid for body in world.queues.given_up if (uuid := _uuid(body))},
            world.accepted(),
            world.replied(),
            world.wrongs,
            world.hindered(),
        )


def _uuid(body: str) -> str | None:
    try:
        return Job.decode(body).uuid
    except Undecodable:
        return None


async def _called(act, *arguments):
    act(*arguments)
