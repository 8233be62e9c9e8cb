"""One request on its way to an action."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from local.sqs import parameters
from local.sqs.broker import Broker, Gone
from local.sqs.handles import HandleCodec
from local.sqs.parameters import Members
from local.sqs.queues import Queue

ACCOUNT = "000000000000"

Answer = dict[str, Any]
Action = Callable[["Call"], Awaitable[Answer]]


class Call(NamedTuple):
    """`origin` is the address by which the client reached us, such as http://127.0.0.1:9324."""

    members: Members
    origin: str
    region: str
    broker: Broker
    codec: HandleCodec
    gone: Gone

    def queue(self) -> Queue:
        """The queue that QueueUrl names, on whatever host and port it was once seen."""
        name = parameters.text(self.members, "QueueUrl").rstrip("/").rpartition("/")[2]
        return self.broker.queues.get(name)

    def url(self, name: str) -> str:
        return f"{self.origin}/{ACCOUNT}/{name}"

    def arn(self, name: str) -> str:
        return f"arn:aws:sqs:{self.region}:{ACCOUNT}:{name}"
