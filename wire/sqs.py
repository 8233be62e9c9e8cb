"""Queues on SQS, or on whatever speaks its protocol at AWS_ENDPOINT_URL_SQS."""

import asyncio
import json
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from wire import tracing
from wire.aws import Aws, error_code
from wire.errors import QueueUnavailable
from wire.express import Express
from wire.gather import Entry, Gatherer, Outcome
from wire.queues import (
    Depth,
    MessageRefused,
    Queue,
    QueueMissing,
    QueueNameBusy,
    QueueOptions,
    Received,
    TooManyInFlight,
)
from wire.rush import Rush

SYSTEM_ATTRIBUTES = [
    "SentTimestamp",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "MessageGroupId",
]
DEPTH_ATTRIBUTES = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]
TRACED = {"MessageAttributeNames": [tracing.ATTRIBUTE]}
MISSING = {"QueueDoesNotExist", "NonExistentQueue"}
NAME_BUSY = {"QueueDeletedRecently"}
OVER_LIMIT = {"OverLimit"}


class SqsQueue:
    """One SQS queue; satisfies `wire.queues.Queue`."""

    def __init__(
        self,
        aws: Aws,
        sqs: Any,
        express: Express,
        name: str,
        url: str,
        visibility: int | None = None,
    ) -> None:
        self._hidden = {} if visibility is None else {"VisibilityTimeout": visibility}
        self._aws = aws
        self._sqs = sqs
        self._express = express
        self._name = name
        self._url = url
        self._sends = Gatherer(partial(self._batch, "SendMessageBatch"))
        self._deletes = Gatherer(partial(self._batch, "DeleteMessageBatch"))
        self._rush = Rush()
        self._extensions = Gatherer(partial(self._batch, "ChangeMessageVisibilityBatch"))

    @property
    def name(self) -> str:
        return self._name

    async def send(self, body: str, group: str | None = None, patience: float = 0.0) -> None:
        await self._sends.add(_sent(body, group, patience))

    async def send_many(self, bodies: Sequence[str], group: str | None = None) -> None:
        await self._sends.add_many([_sent(body, group) for body in bodies])

    async def receive(self, limit: int = 10, wait: float = 20.0) -> list[Received]:
        answer = await _translated(
            self._express.call(
                "ReceiveMessage",
                QueueUrl=self._url,
                MaxNumberOfMessages=limit,
                WaitTimeSeconds=round(wait),
                MessageSystemAttributeNames=SYSTEM_ATTRIBUTES,
                **self._hidden,
                **(TRACED if tracing.recording() else {}),
            )
        )
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return [_received(message, date) for message in answer.get("Messages", [])]

    async def delete(self, receipt: str) -> None:
        patience = self._rush.patience(asyncio.get_running_loop().time())
        await self._deletes.deliver(Entry({"ReceiptHandle": receipt}, patience=patience))

    async def extend(self, receipt: str, seconds: int) -> None:
        await self._extensions.add(Entry({"ReceiptHandle": receipt, "VisibilityTimeout": seconds}))

    async def depth(self) -> Depth:
        answer = await _translated(
            self._aws.call(
                self._sqs.get_queue_attributes,
                QueueUrl=self._url,
                AttributeNames=DEPTH_ATTRIBUTES,
            )
        )
        return Depth(*(int(answer["Attributes"][name]) for name in DEPTH_ATTRIBUTES))

    async def drain(self) -> None:
        """Send what still waits for company."""
        for gatherer in (self._sends, self._deletes, self._extensions):
            await gatherer.drain()

    async def _batch(self, operation: str, entries: Sequence[Entry]) -> Sequence[Outcome]:
        rows = [{"Id": str(i), **entry.value} for i, entry in enumerate(entries)]  # type: ignore[dict-item]
        answer = await _translated(self._express.call(operation, QueueUrl=self._url, Entries=rows))
        failed = {int(row["Id"]): row for row in answer.get("Failed", [])}
        return [_outcome(failed.get(i)) for i in range(len(rows))]


class SqsQueues:
    """The queues of one account and region; satisfies `wire.queues.Queues`.

    `config` is what differs from the configuration of other clients.
    """

    def __init__(self, aws: Aws, config: Config | None = None) -> None:
        self._aws = aws
        self._sqs = aws.client("sqs", config)
        self._express = Express(aws, self._sqs)
        self._open: dict[str, SqsQueue] = {}

    async def ensure(self, name: str, options: QueueOptions) -> Queue:
        attributes = {
            "VisibilityTimeout": str(options.visibility),
            "MessageRetentionPeriod": str(options.retention),
        }
        if options.dead_letter is not None:
            target = await self._arn(options.dead_letter)
            attributes["RedrivePolicy"] = json.dumps(
                {"deadLetterTargetArn": target, "maxReceiveCount": options.max_receives}
            )
        try:
            await self._aws.call(self._sqs.create_queue, QueueName=name, Attributes=attributes)
        except ClientError as error:
            if error_code(error) in NAME_BUSY:
                raise QueueNameBusy(name) from error
            # An operator may have tuned the queue's attributes; it is taken as it is.
            if error_code(error) not in {"QueueNameExists", "QueueAlreadyExists"}:
                raise
        return await self.open(name)

    async def open(self, name: str, visibility: int | None = None) -> Queue:
        if name not in self._open:
            url = await self._url(name)
            queue = SqsQueue(self._aws, self._sqs, self._express, name, url, visibility)
            self._open.setdefault(name, queue)
        return self._open[name]

    async def remove(self, name: str) -> None:
        self._open.pop(name, None)
        try:
            url = await self._url(name)
            await _translated(self._aws.call(self._sqs.delete_queue, QueueUrl=url))
        except QueueMissing:
            return

    async def names(self, prefix: str) -> list[str]:
        pages = self._sqs.get_paginator("list_queues").paginate(
            QueueNamePrefix=prefix, PaginationConfig={"PageSize": 1000}
        )
        urls = await self._aws.call(
            lambda: [url for page in pages for url in page.get("QueueUrls", [])]
        )
        return [url.rsplit("/", 1)[-1] for url in urls]

    async def close(self) -> None:
        for queue in list(self._open.values()):
            await queue.drain()
        self._express.close()

    async def _url(self, name: str) -> str:
        answer = await _translated(self._aws.call(self._sqs.get_queue_url, QueueName=name))
        return str(answer["QueueUrl"])

    async def _arn(self, name: str) -> str:
        answer = await _translated(
            self._aws.call(
                self._sqs.get_queue_attributes,
                QueueUrl=await self._url(name),
                AttributeNames=["QueueArn"],
            )
        )
        return str(answer["Attributes"]["QueueArn"])


async def _translated(call: Any) -> Any:
    try:
        return await call
    except QueueUnavailable as error:
        if isinstance(error.__cause__, ClientError) and error_code(error.__cause__) in OVER_LIMIT:
            raise TooManyInFlight from error.__cause__
        raise
    except ClientError as error:
        if error_code(error) in MISSING:
            raise QueueMissing(str(error)) from error
        raise


def _sent(body: str, group: str | None, patience: float = 0.0) -> Entry:
    owned = {} if group is None else {"MessageGroupId": group}
    traced = _attributes(tracing.carried())
    return Entry({"MessageBody": body, **owned, **traced}, len(body.encode()), patience)


def _attributes(carried: str | None) -> dict[str, Any]:
    if carried is None:
        return {}
    value = {"DataType": "String", "StringValue": carried}
    return {"MessageAttributes": {tracing.ATTRIBUTE: value}}


def _outcome(failure: dict[str, Any] | None) -> Outcome:
    if failure is None:
        return Outcome()
    # A stale receipt is nobody's fault: the message is being redelivered or is gone.
    if failure["Code"].rsplit(".", 1)[-1] in {"ReceiptHandleIsInvalid", "MessageNotInflight"}:
        return Outcome()
    text = f"{failure['Code']}: {failure.get('Message', '')}"
    if failure.get("SenderFault", False):
        return Outcome(MessageRefused(text))
    error = QueueUnavailable()
    error.__cause__ = RuntimeError(text)
    return Outcome(error, retry=True)


def _received(message: dict[str, Any], date: str | None) -> Received:
    attributes = message["Attributes"]
    sent = int(attributes["SentTimestamp"]) / 1000
    count = int(attributes["ApproximateReceiveCount"])
    first = int(attributes.get("ApproximateFirstReceiveTimestamp", attributes["SentTimestamp"]))
    now = first / 1000
    if count > 1 and date is not None:
        now = max(now, parsedate_to_datetime(date).timestamp())
    return Received(
        body=message["Body"],
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        receive_count=count,
        sent_at=sent,
        age=max(0.0, now - sent),
        group=attributes.get("MessageGroupId"),
        trace=_carried(message),
    )


def _carried(message: dict[str, Any]) -> str | None:
    attributes = message.get("MessageAttributes")
    carried = attributes and attributes.get(tracing.ATTRIBUTE, {}).get("StringValue")
    return carried or None
