"""A job's way through the worker, in order.

    read -> (work: fetch -> decode -> classify) -> store -> reply -> record -> delete,
                                               the upload first

A worker may be killed between any two steps: the message then shows again within its visibility
time-out, and what was done already is found or done twice to no harm. Nothing is deleted before it is
answered and recorded. A worker that must go before it is done gives back what it has not answered yet;
what is on its way out gets a moment more, and is then left to show again by itself: given back at once it
might be answered twice.
"""

import asyncio
import time

from wire import log, tracing
from wire.admission import read
from wire.errors import WorkerCrashed
from wire.leases import VISIBILITY, Keeper, Lease
from wire.messages import Answer, Job, Undecodable
from wire.names import QueueNames
from wire.queues import QueueMissing, Received
from worker.company import Company
from worker.curfew import CutShort
from worker.effects import Effects
from worker.parcel import Parcel
from worker.patience import GivenUp
from worker.quarantine import Quarantine
from worker.shift import Shift
from worker.tally import Tally
from worker.work import AnsweredBefore, Work

# Seconds that an answer has to get out after the curfew, and that it takes at most to give a job back.
MOMENT = 10.0

logger = log.get("worker")


class Journey:
    """Takes one delivery through all steps; whatever happens to it, the worker lives on."""

    def __init__(
        self,
        names: QueueNames,
        keeper: Keeper,
        shift: Shift,
        quarantine: Quarantine,
        work: Work,
        effects: Effects,
        tally: Tally,
        visibility: int = VISIBILITY,
    ) -> None:
        self._names = names
        self._keeper = keeper
        self._shift = shift
        self._quarantine = quarantine
        self._work = work
        self._effects = effects
        self._tally = tally
        self._visibility = visibility
        self._company = Company()

    async def travel(self, received: Received) -> None:
        """From the delivery to its deletion. Never raises."""
        try:
            job = read(received.body, self._names)
        except Undecodable as error:
            await self._set_aside(received, error)
            return
        seconds = job.deadline - received.age
        with (
            tracing.continued("job", received.trace, received.age) as span,
            self._keeper.hold(received, seconds) as lease,
        ):
            span.say(job=job.uuid, receives=received.receive_count)
            parcel = self._parcel(received, job, lease, seconds)
            with self._shift.hold(parcel):
                await self._escorted(parcel)

    async def _escorted(self, parcel: Parcel) -> None:
        try:
            await self._steps(parcel)
        except CutShort:
            logger.warning("a job was cut short on its way out", job=parcel.job.uuid)
        except GivenUp as error:
            logger.warning("a job was let go of", job=parcel.job.uuid, error=repr(error.__cause__))
        except Exception:
            logger.exception("a job was lost on its way", job=parcel.job.uuid)

    async def _steps(self, parcel: Parcel) -> None:
        try:
            async with self._shift.curfew.over():
                answer = await self._answer(parcel)
        except CutShort:
            await self._give_back(parcel)
            return
        async with self._shift.curfew.over(MOMENT):
            await self._finish(parcel, answer)

    async def _answer(self, parcel: Parcel) -> Answer | None:
        parcel.accused = await self._quarantine.accuses(parcel)
        try:
            return await self._effects.earlier(parcel) or await self._work.answer(parcel)
        except AnsweredBefore:
            # A worker went between its reply and its delete. A second answer would be a false one.
            logger.info("a job had been answered before", job=parcel.job.uuid)
            return None

    async def _finish(self, parcel: Parcel, answer: Answer | None) -> None:
        if answer is not None:
            await self._out(parcel, answer)
        if parcel.accused:
            await self._quarantine.forget(parcel)
        with tracing.span("delete"):
            await self._effects.delete(parcel)

    async def _out(self, parcel: Parcel, answer: Answer) -> None:
        answer = await self._effects.lighten(parcel, answer)
        answer = await self._effects.store(parcel, answer)
        # By the answer that stands, and first: once it is answered a worker may go, and whoever finds
        # the message after its deadline tries it no more.
        poison = answer.error is not None and answer.error.code == WorkerCrashed.code
        if poison:
            await self._effects.bury(parcel)
        now = asyncio.get_running_loop().time()
        waits = self._company.patience(self._shift.busy, self._shift.most, now)
        with tracing.span("reply"):
            await self._effects.reply(parcel, answer, 0.0 if parcel.suspect else waits)
        self._tally.count(answer, parcel.spent)
        self._shift.answered(parcel)
        tracing.say(code="ok" if answer.error is None else answer.error.code)
        with tracing.span("record"):
            await self._effects.record(parcel, answer)
        if not poison:
            await self._effects.remove_upload(parcel)

    async def _give_back(self, parcel: Parcel) -> None:
        parcel.lease.drop()
        try:
            # From now and not from the curfew: a poll that was open then may bring one much later.
            async with asyncio.timeout(MOMENT):
                # A worker that is told to go was not killed by it; what the last one went of is open.
                if parcel.suspect and not parcel.accused:
                    await self._quarantine.forget(parcel)
                await self._effects.give_back(parcel)
        except TimeoutError as error:
            raise CutShort from error

    def _parcel(self, received: Received, job: Job, lease: Lease, seconds: float) -> Parcel:
        # A job that expired on the way in is ours for one visibility time-out: enough to say so.
        ends = time.monotonic() + max(seconds, self._visibility)
        return Parcel(received, job, lease, ends)

    async def _set_aside(self, received: Received, error: Undecodable) -> None:
        logger.error("a message is no job", message=received.message_id, error=str(error))
        try:
            await self._effects.set_aside(received, time.monotonic() + self._visibility)
        except (GivenUp, QueueMissing) as failure:
            logger.warning("it could not be set aside", error=repr(failure))
