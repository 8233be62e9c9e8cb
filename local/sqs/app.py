"""SQS's JSON protocol over ASGI: POST with `X-Amz-Target: AmazonSQS.<Action>`; GET /health, /metrics."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from local.endpoint import Receive, Scope, Send
from local.sqs import message_actions, queue_actions
from local.sqs.broker import Broker
from local.sqs.call import Action, Call
from local.sqs.errors import InvalidActionError, SerializationError, SqsError
from local.sqs.handles import HandleCodec
from local.sqs.ids import unique
from local.sqs.tally import MEDIA_TYPE, Tally

ACTIONS: Mapping[bytes, Action] = {
    b"AmazonSQS.CreateQueue": queue_actions.create_queue,
    b"AmazonSQS.GetQueueUrl": queue_actions.get_queue_url,
    b"AmazonSQS.ListQueues": queue_actions.list_queues,
    b"AmazonSQS.ListDeadLetterSourceQueues": queue_actions.list_dead_letter_source_queues,
    b"AmazonSQS.DeleteQueue": queue_actions.delete_queue,
    b"AmazonSQS.PurgeQueue": queue_actions.purge_queue,
    b"AmazonSQS.GetQueueAttributes": queue_actions.get_queue_attributes,
    b"AmazonSQS.SetQueueAttributes": queue_actions.set_queue_attributes,
    b"AmazonSQS.TagQueue": queue_actions.tag_queue,
    b"AmazonSQS.UntagQueue": queue_actions.untag_queue,
    b"AmazonSQS.ListQueueTags": queue_actions.list_queue_tags,
    b"AmazonSQS.SendMessage": message_actions.send_message,
    b"AmazonSQS.SendMessageBatch": message_actions.send_message_batch,
    b"AmazonSQS.ReceiveMessage": message_actions.receive_message,
    b"AmazonSQS.DeleteMessage": message_actions.delete_message,
    b"AmazonSQS.DeleteMessageBatch": message_actions.delete_message_batch,
    b"AmazonSQS.ChangeMessageVisibility": message_actions.change_message_visibility,
    b"AmazonSQS.ChangeMessageVisibilityBatch": message_actions.change_message_visibility_batch,
}

# 1 MiB of messages may take six bytes a character as JSON, and there is base64.
_MAX_REQUEST_BYTES = 16 * 1_048_576
_JSON = (b"content-type", b"application/x-amz-json-1.0")

log = logging.getLogger("local.sqs")


class SqsApp:
    """The ASGI application; wrap it in a middleware to add faults."""

    def __init__(self, broker: Broker, codec: HandleCodec, region: str) -> None:
        self._broker = broker
        self._codec = codec
        self._region = region
        self._tally = Tally()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"only http is served, not {scope['type']}")
        if scope["method"] == "GET" and scope["path"] in ("/health", "/metrics"):
            await self._look(send, scope["path"])
            return
        try:
            answer = await self._act(scope, receive)
        except SqsError as refusal:
            await _refuse(send, refusal)
        except Exception:
            log.exception("request failed")
            await _respond(send, 500, {"__type": "com.amazonaws.sqs#InternalFailure"})
        else:
            await _respond(send, 200, answer)

    async def _look(self, send: Send, path: str) -> None:
        if path == "/health":
            await _respond(send, 200, {"status": "ok"})
        else:
            await _give(send, 200, self._tally.text(), (b"content-type", MEDIA_TYPE))

    async def _act(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        target = headers.get(b"x-amz-target", b"")
        action = ACTIONS.get(target)
        if action is None:
            raise InvalidActionError(_unknown(scope, headers))
        members = _members(await _body(receive))
        key = self._tally.asked(target.decode("latin-1").partition(".")[2], members)
        host = headers.get(b"host", b"").decode("latin-1") or "{}:{}".format(*scope["server"])

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        answer = await action(
            Call(members, f"http://{host}", self._region, self._broker, self._codec, gone)
        )
        self._tally.answered(key, answer)
        return answer


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        chunk: bytes = event.get("body", b"")
        size += len(chunk)
        if size > _MAX_REQUEST_BYTES:
            raise SerializationError(f"The request is longer than {_MAX_REQUEST_BYTES} bytes.")
        chunks.append(chunk)
        more = event.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _members(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body or b"{}")
    except ValueError as problem:
        raise SerializationError(f"The request is no JSON: {problem}.") from None
    if not isinstance(members, dict):
        raise SerializationError("The request must be a JSON object.")
    return members


def _unknown(scope: Scope, headers: Mapping[bytes, bytes]) -> str:
    target = headers.get(b"x-amz-target")
    if target is None:
        return (
            f"{scope['method']} {scope['path']} is no request of the SQS JSON protocol: the"
            " X-Amz-Target header is missing. Use boto3 1.28.82 or later, or GET /health."
        )
    return f"The action {target.decode('latin-1')} is not valid for this endpoint."


async def _refuse(send: Send, refusal: SqsError) -> None:
    body = {"__type": f"{refusal.namespace}#{refusal.shape}", "message": refusal.message}
    await _respond(
        send, refusal.status, body, (b"x-amzn-query-error", f"{refusal.query};Sender".encode())
    )


async def _respond(
    send: Send, status: int, answer: Mapping[str, Any], *extra: tuple[bytes, bytes]
) -> None:
    await _give(send, status, json.dumps(answer).encode(), _JSON, *extra)


async def _give(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    shown = [
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-requestid", unique().encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": shown})
    await send({"type": "http.response.body", "body": body})
