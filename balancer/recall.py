"""What a balancer does first whenever it was elected: learn what the one before it knew."""

from collections.abc import Callable, Sequence

from balancer.history import History
from balancer.keeping import Keeper
from balancer.leader import Leader
from balancer.ledger import Ledger
from balancer.observe import Observer
from balancer.operator import Desk
from balancer.replicas import Replicas
from balancer.saved import read, restore
from wire import log
from wire.errors import QueueUnavailable

_log = log.get(__name__)


class Recall:
    """Fills ledger and history from what was kept, and reads the operator's word before the first tick.

    `anew` is what starts afresh with every term, at a time in seconds on the balancer's clock.
    """

    def __init__(
        self,
        leader: Leader,
        keeper: Keeper,
        desk: Desk,
        ledger: Ledger,
        replicas: Replicas,
        observer: Observer,
        anew: Sequence[Callable[[float], None]],
        clock: Callable[[], float],
    ) -> None:
        self._leader = leader
        self._led: int | None = None
        self._keeper = keeper
        self._desk = desk
        self._ledger = ledger
        self._replicas = replicas
        self._observer = observer
        self._anew = anew
        self._clock = clock
        self._told = False

    async def begin(self) -> bool:
        """Learn it; False when S3 cannot be reached, and nothing may be done before it was asked again.

        What is kept and cannot be used is learned from reports and the fleet, as time goes by.
        """
        try:
            await self._desk.read()
            await self._remember()
        except QueueUnavailable as error:
            if not self._told:
                _log.warning("what is kept is out of reach", fault=repr(error.__cause__ or error))
            self._told = True
            return False
        except Exception:
            _log.exception("ledger not read")
        self._told = False
        self._led, now = self._leader.epoch, self._clock()
        for begin in self._anew:
            begin(now)
        return True

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
