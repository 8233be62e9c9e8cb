"""Batches of which some entries fail alone, by no fault of the sender's."""

import json
from typing import Any

from local.endpoint import ASGIApp, Receive, Scope, Send
from local.faults.dice import Dice, Die
from local.faults.exchange import Answer, answered, body_of, give
from local.faults.sqs import SqsDialect

_BATCHES = ("SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")


class PartialBatches:
    """ASGI middleware: takes entries out of a batch and adds them to what failed."""

    def __init__(self, app: ASGIApp, dice: Dice) -> None:
        self._app = app
        self._dice = dice
        self._dialect = SqsDialect()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        request = self._dialect.request(scope, body)
        dice: list[Die] = []
        if request is not None and request.action in _BATCHES:
            dice = list(self._dice.concerning(("partial",), request.action, request.target))
        if not dice:
            await give(send, await answered(self._app, scope, body, receive))
            return
        members = json.loads(body)
        failed = [row for row in members.get("Entries", []) if any(die.hits() for die in dice)]
        members["Entries"] = [row for row in members.get("Entries", []) if row not in failed]
        answer = await self._rest(scope, members, receive)
        await give(send, _joined(answer, failed) if failed else answer)

    async def _rest(self, scope: Scope, members: dict[str, Any], receive: Receive) -> Answer:
        if not members["Entries"]:
            return Answer(200, [(b"content-type", b"application/x-amz-json-1.0")], b"{}")
        return await answered(self._app, scope, json.dumps(members).encode(), receive)


def _joined(answer: Answer, failed: list[dict[str, Any]]) -> Answer:
    if answer.status != 200:
        return answer
    document = {"Successful": [], "Failed": [], **json.loads(answer.body)}
    document["Failed"] += [
        {"Id": row["Id"], "SenderFault": False, "Code": "InternalError", "Message": "Try again."}
        for row in failed
    ]
    return answer._replace(body=json.dumps(document).encode())
