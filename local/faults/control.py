"""`/_faults`: read the counts, replace the rules, remove them."""

import json
from collections.abc import Callable, Sequence
from http import HTTPStatus

from local.endpoint import ASGIApp, Receive, Scope, Send
from local.faults.dice import Dice
from local.faults.errors import FaultsUnusableError
from local.faults.exchange import Answer, body_of, give
from local.faults.rules import Plan, Rule, parse

PATH = "/_faults"
Mine = Callable[[Plan], Sequence[Rule]]
"""Those rules of a plan that are for the service behind."""


class FaultControl:
    """ASGI middleware, put behind `LoopbackOnly`. No bucket has a name with an underscore."""

    def __init__(self, app: ASGIApp, dice: Dice, mine: Mine) -> None:
        self._app = app
        self._dice = dice
        self._mine = mine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        body = await body_of(receive)
        await give(send, self._act(scope["method"], body))

    def _act(self, method: str, body: bytes) -> Answer:
        if method == "PUT":
            try:
                plan = parse(body)
            except FaultsUnusableError as problem:
                return _json(HTTPStatus.BAD_REQUEST, {"error": str(problem)})
            self._dice.replace(plan.seed, self._mine(plan))
        elif method == "DELETE":
            self._dice.replace(0, ())
        elif method != "GET":
            return _json(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "GET, PUT or DELETE"})
        return _json(HTTPStatus.OK, {"rules": self._dice.counts()})


def _json(status: int, document: object) -> Answer:
    return Answer(status, [(b"content-type", b"application/json")], json.dumps(document).encode())
