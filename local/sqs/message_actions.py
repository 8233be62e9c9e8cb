"""Actions on messages."""

import json
from collections.abc import Callable
from typing import Any

from local.sqs import parameters
from local.sqs.attributes import MAX_BYTES
from local.sqs.broker import Want
from local.sqs.call import ACCOUNT, Answer, Call
from local.sqs.digests import attributes_md5
from local.sqs.drafts import Outgoing, outgoing
from local.sqs.errors import (
    BatchRequestTooLongError,
    MissingParameterError,
    SqsError,
)
from local.sqs.messages import Message
from local.sqs.parameters import Members
from local.sqs.queues import Queue

_LONGEST_HOLD_S = 43_200


async def send_message(call: Call) -> Answer:
    queue = call.queue()
    message = outgoing(queue, call.members)
    call.broker.send(queue, [message.draft])
    return dict(message.answer)


async def send_message_batch(call: Call) -> Answer:
    queue = call.queue()
    ready: list[Outgoing] = []

    def prepare(entry: Members) -> Answer:
        ready.append(outgoing(queue, entry))
        return dict(ready[-1].answer)

    answer = _each(parameters.entries(call.members), prepare)
    size = sum(message.size for message in ready)
    if size > MAX_BYTES:
        raise BatchRequestTooLongError(
            f"Batch requests cannot be longer than {MAX_BYTES} bytes. You have sent {size} bytes."
        )
    if ready:
        call.broker.send(queue, [message.draft for message in ready])
    return answer


async def receive_message(call: Call) -> Answer:
    queue, members = call.queue(), call.members
    limit = parameters.integer(members, "MaxNumberOfMessages", 1, 10)
    hold_s = parameters.integer(members, "VisibilityTimeout", 0, _LONGEST_HOLD_S)
    wait_s = parameters.integer(members, "WaitTimeSeconds", 0, 20)
    want = Want(
        limit=1 if limit is None else limit,
        visibility_ms=queue.visibility_ms if hold_s is None else 1000 * hold_s,
        wait_ms=queue.wait_ms if wait_s is None else 1000 * wait_s,
    )
    system = {
        *parameters.texts(members, "AttributeNames"),
        *parameters.texts(members, "MessageSystemAttributeNames"),
    }
    names = parameters.texts(members, "MessageAttributeNames")
    messages = await call.broker.receive(queue, want, call.gone)
    return {"Messages": [_shown(call, m, system, names) for m in messages]} if messages else {}


async def delete_message(call: Call) -> Answer:
    handle = parameters.text(call.members, "ReceiptHandle")
    call.broker.delete([call.codec.decode(handle, call.queue().id)])
    return {}


async def delete_message_batch(call: Call) -> Answer:
    queue = call.queue()
    handles = []

    def prepare(entry: Members) -> Answer:
        handles.append(call.codec.decode(parameters.text(entry, "ReceiptHandle"), queue.id))
        return {}

    answer = _each(parameters.entries(call.members), prepare)
    if handles:
        call.broker.delete(handles)
    return answer


async def change_message_visibility(call: Call) -> Answer:
    _hold(call, call.queue(), call.members)
    return {}


async def change_message_visibility_batch(call: Call) -> Answer:
    queue = call.queue()

    def hold(entry: Members) -> Answer:
        _hold(call, queue, entry)
        return {}

    return _each(parameters.entries(call.members), hold)


def _hold(call: Call, queue: Queue, members: Members) -> None:
    handle = call.codec.decode(parameters.text(members, "ReceiptHandle"), queue.id)
    hold_s = parameters.integer(members, "VisibilityTimeout", 0, _LONGEST_HOLD_S)
    if hold_s is None:
        raise MissingParameterError("The request must contain the parameter VisibilityTimeout.")
    call.broker.hold(queue, handle, 1000 * hold_s)


def _each(entries: Any, act: Callable[[Members], Answer]) -> Answer:
    """Act on every entry; one that is refused fails alone."""
    done: list[Answer] = []
    failed: list[Answer] = []
    for entry in entries:
        try:
            done.append({"Id": entry["Id"], **act(entry)})
        except SqsError as refusal:
            failed.append(
                {
                    "Id": entry["Id"],
                    "SenderFault": True,
                    "Code": refusal.query,
                    "Message": refusal.message,
                }
            )
    return {"Successful": done, "Failed": failed}


def _shown(call: Call, message: Message, system: set[str], names: list[str]) -> Answer:
    shown: Answer = {
        "MessageId": message.message_id,
        "ReceiptHandle": call.codec.encode(message.handle),
        "MD5OfBody": message.md5,
        "Body": message.body,
    }
    if system:
        shown["Attributes"] = _system_attributes(call, message, system)
    if names and message.attributes:
        chosen = _chosen(json.loads(message.attributes), names)
        if chosen:
            shown["MessageAttributes"] = chosen
            shown["MD5OfMessageAttributes"] = attributes_md5(chosen)
    return shown


def _system_attributes(call: Call, message: Message, wanted: set[str]) -> dict[str, str]:
    known = {
        "SenderId": ACCOUNT,
        "SentTimestamp": str(message.sent_ms),
        "ApproximateReceiveCount": str(message.receives),
        "ApproximateFirstReceiveTimestamp": str(message.first_received_ms),
    }
    if message.group:
        known["MessageGroupId"] = message.group
    if message.system:
        known |= json.loads(message.system)
    source = known.get("DeadLetterQueueSourceArn")
    if source is not None:
        known["DeadLetterQueueSourceArn"] = call.arn(source)
    return known if "All" in wanted else {n: v for n, v in known.items() if n in wanted}


def _chosen(attributes: dict[str, Any], names: list[str]) -> dict[str, Any]:
    if "All" in names or ".*" in names:
        return attributes
    prefixes = tuple(name[:-2] for name in names if name.endswith(".*"))
    return {
        name: value
        for name, value in attributes.items()
        if name in names or (prefixes and name.startswith(prefixes))
    }
