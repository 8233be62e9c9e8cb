"""The ASGI middleware that lets requests go wrong on their way to a service and back."""

import asyncio
import logging

from local.endpoint import ASGIApp, Receive, Scope, Send
from local.faults.dialect import Dialect, Request
from local.faults.dice import Dice, Die
from local.faults.exchange import answered, body_of, give

BEFORE = ("throttle", "error", "unavailable", "conflict")
AFTER = ("lost", "lost_500", "cut")
_UNFINISHED = "ASGI callable returned without completing response."


class FaultLayer:
    """Stands before `app`; the dialect says what its requests are called and how it refuses them."""

    def __init__(self, app: ASGIApp, dice: Dice, dialect: Dialect) -> None:
        self._app = app
        self._dice = dice
        self._dialect = dialect
        # Answers that break off are what this is for; uvicorn calls each of them an error.
        logging.getLogger("uvicorn.error").addFilter(
            lambda record: record.getMessage() != _UNFINISHED
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"only http is served, not {scope['type']}")
        body = await body_of(receive)
        request = self._dialect.request(scope, body)
        if request is None:
            await give(send, await answered(self._app, scope, body, receive))
            return
        await self._delay(request)
        die = self._fate(request)
        if die is not None and die.rule.fault in BEFORE:
            await give(send, self._dialect.refusals[die.rule.fault])
            return
        answer = await answered(self._app, scope, body, receive)
        if die is None:
            await give(send, answer)
        elif die.rule.fault == "lost_500":
            await give(send, self._dialect.refusals["lost_500"])
        else:
            half = len(answer.body) // 2
            await give(send, answer, length=0 if die.rule.fault == "lost" else half)

    async def _delay(self, request: Request) -> None:
        for die in self._dice.concerning(("delay",), request.action, request.target):
            if die.hits():
                await asyncio.sleep(die.seconds())

    def _fate(self, request: Request) -> Die | None:
        for die in self._dice.concerning((*BEFORE, *AFTER), request.action, request.target):
            if die.rule.fault == "conflict" and not request.conditional:
                continue
            if die.hits():
                return die
        return None
