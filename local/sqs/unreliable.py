"""A broker that takes every liberty that SQS takes: again, out of order, nothing, too early."""

import asyncio
from collections.abc import Sequence

from local.faults.dice import Dice
from local.sqs.broker import Broker, Gone, Want
from local.sqs.database import Database
from local.sqs.messages import Draft, Message
from local.sqs.queues import Clock, Queue

_RECEIVE = "ReceiveMessage"


class UnreliableBroker(Broker):
    """`Broker`, with the faults `duplicate`, `reorder`, `empty` and `early` as the dice fall."""

    def __init__(self, database: Database, clock: Clock, rest_s: float, dice: Dice) -> None:
        super().__init__(database, clock, rest_s)
        self._dice = dice
        self._copies: set[int] = set()

    def send(self, queue: Queue, drafts: Sequence[Draft]) -> None:
        super().send(queue, [self._late(queue, draft) for draft in drafts])

    async def receive(self, queue: Queue, want: Want, gone: Gone) -> list[Message]:
        if self._hits("empty", queue):
            # At once, a client that asks again at once would ask thousands of times a second.
            await asyncio.sleep(0.05)
            return []
        messages = await super().receive(queue, self._shortened(queue, want), gone)
        again = [message for message in messages if self._twice(queue, message)]
        if again:
            self._hand_out_again(queue, again)
        return messages

    def _late(self, queue: Queue, draft: Draft) -> Draft:
        for die in self._dice.concerning(("reorder",), "SendMessageBatch", queue.name):
            if die.hits():
                return draft._replace(delay_ms=draft.delay_ms + round(1000 * die.seconds()))
        return draft

    def _shortened(self, queue: Queue, want: Want) -> Want:
        for die in self._dice.concerning(("early",), _RECEIVE, queue.name):
            if die.hits():
                earlier = min(want.visibility_ms, round(1000 * die.seconds()))
                return want._replace(visibility_ms=earlier)
        return want

    def _twice(self, queue: Queue, message: Message) -> bool:
        return message.id not in self._copies and self._hits("duplicate", queue)

    def _hits(self, fault: str, queue: Queue) -> bool:
        return any(die.hits() for die in self._dice.concerning((fault,), _RECEIVE, queue.name))

    def _hand_out_again(self, queue: Queue, messages: Sequence[Message]) -> None:
        with self._database.transaction():
            self._copies.update(self._messages.copy(messages, self._clock()))
        self._serve(queue)
