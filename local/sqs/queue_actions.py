"""Actions on queues."""

import base64
import binascii

from local.sqs import attributes as kinds
from local.sqs import parameters
from local.sqs.call import Answer, Call
from local.sqs.errors import InvalidAttributeNameError, InvalidParameterValueError
from local.sqs.queues import Queue

_PAGE = 1000


async def create_queue(call: Call) -> Answer:
    name = parameters.text(call.members, "QueueName")
    given = parameters.mapping(call.members, "Attributes")
    tags = parameters.mapping(call.members, "tags")
    return {"QueueUrl": call.url(call.broker.queues.create(name, given, tags).name)}


async def get_queue_url(call: Call) -> Answer:
    name = parameters.text(call.members, "QueueName")
    return {"QueueUrl": call.url(call.broker.queues.get(name).name)}


async def list_queues(call: Call) -> Answer:
    prefix = call.members.get("QueueNamePrefix") or ""
    return _page(call, call.broker.queues.names(str(prefix)), "QueueUrls")


async def list_dead_letter_source_queues(call: Call) -> Answer:
    return {
        "queueUrls": [],
        **_page(call, call.broker.queues.sources_of(call.queue()), "queueUrls"),
    }


async def delete_queue(call: Call) -> Answer:
    call.broker.delete_queue(call.queue())
    return {}


async def purge_queue(call: Call) -> Answer:
    call.broker.purge(call.queue())
    return {}


async def get_queue_attributes(call: Call) -> Answer:
    queue = call.queue()
    names = parameters.texts(call.members, "AttributeNames")
    for name in names:
        if name != "All" and name not in kinds.READABLE:
            raise InvalidAttributeNameError(f"Unknown Attribute {name}.")
    everything = "All" in names
    counted = everything or any(name in kinds.COUNTED for name in names)
    values = _settings(call, queue) | (_counts(call, queue) if counted else {})
    return {
        "Attributes": {name: value for name, value in values.items() if everything or name in names}
    }


async def set_queue_attributes(call: Call) -> Answer:
    call.broker.queues.change(call.queue(), parameters.mapping(call.members, "Attributes"))
    return {}


async def tag_queue(call: Call) -> Answer:
    call.broker.queues.tag(call.queue(), parameters.mapping(call.members, "Tags"), [])
    return {}


async def untag_queue(call: Call) -> Answer:
    call.broker.queues.tag(call.queue(), {}, parameters.texts(call.members, "TagKeys"))
    return {}


async def list_queue_tags(call: Call) -> Answer:
    return {"Tags": call.queue().tags}


def _settings(call: Call, queue: Queue) -> dict[str, str]:
    defaults = {name: str(bounds.default) for name, bounds in kinds.BOUNDS.items()}
    return {
        **defaults,
        "SqsManagedSseEnabled": "false",
        **queue.attributes,
        "CreatedTimestamp": str(queue.created_ms // 1000),
        "LastModifiedTimestamp": str(queue.modified_ms // 1000),
        "QueueArn": call.arn(queue.name),
    }


def _counts(call: Call, queue: Queue) -> dict[str, str]:
    return dict(zip(kinds.COUNTED, map(str, call.broker.count(queue)), strict=True))


def _page(call: Call, names: list[str], member: str) -> Answer:
    size = parameters.integer(call.members, "MaxResults", 1, _PAGE)
    after = _after(call)
    rest = [name for name in names if name > after]
    page = rest[: size or _PAGE]
    answer: Answer = {member: [call.url(name) for name in page]} if page else {}
    if size is not None and len(rest) > size:
        answer["NextToken"] = base64.urlsafe_b64encode(page[-1].encode()).decode()
    return answer


def _after(call: Call) -> str:
    token = call.members.get("NextToken")
    if not token:
        return ""
    try:
        return base64.urlsafe_b64decode(str(token)).decode()
    except (binascii.Error, ValueError):
        raise InvalidParameterValueError("Invalid or expired next token.") from None
