"""What a balancer does first whenever it was elected: learn what the one before it knew."""

from collections.abc import Callable

from balancer.act import Actor
from balancer.history import History
from balancer.keeping import Keeper
from balancer.leader import Leader
from balancer.ledger import Ledger
from balancer.observe import Observer
from balancer.operator import Desk
from balancer.replicas import Replicas
from balancer.saved import read, restore
from balancer.watch import Watch
from wire import log
from wire.errors import QueueUnavailable

_log = log.get(__name__)


class Recall:
    """Fills ledger and history from what was kept, and reads the operator's word before the first tick."""

    def __init__(
        self,
        leader: Leader,
        keeper: Keeper,
        desk: Desk,
        ledger: Ledger,
        replicas: Replicas,
        observer: Observer,
        watch: Watch,
        actor: Actor,
        clock: Callable[[], float],
    ) -> None:
        self._leader = leader
        self._led: int | None = None
        self._keeper = keeper
        self._desk = desk
        self._ledger = ledger
        self._replicas = replicas
        self._observer = observer
        self._watch = watch
        self._actor = actor
        self._clock = clock

    async def begin(self) -> None:
        """Learn it; what cannot be read is learned from reports and the fleet, as time goes by."""
        try:
            await self._desk.look()
            await self._remember()
        except QueueUnavailable as error:
            _log.warning("ledger not read", fault=repr(error.__cause__ or error))
        except Exception:
            _log.exception("ledger not read")
        self._led, now = self._leader.epoch, self._clock()
        self._watch.begin(now)
        self._actor.begin(now)

    async def _remember(self) -> None:
        kept = await self._keeper.load()
        if kept is None:
            return
        saved, now = read(kept), self._clock()
        if saved is None:
            _log.warning("ledger unreadable: begun anew")
            return
        if self._led not in (None, saved.epoch):
            # Somebody else has led meanwhile and heard what was said: what is known here is old.
            self._ledger.rows.clear()
            self._replicas.begin()
        past = restore(saved, kept.age, self._ledger, now)
        known = self._observer.history.past()
        if past and (not known or known[-1].at < past[-1].at):
            self._observer.history = History(past)
        _log.info("ledger restored", workers=len(saved.rows), past=len(past), epoch=saved.epoch)
