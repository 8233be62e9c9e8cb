"""Refusals, worded and coded as SQS words and codes them.

`shape` is the error's name in the JSON protocol, `query` its name in the older query protocol, which
boto3 shows as `Error.Code`. Source: the SQS API reference, "Errors" of each action.
"""

from typing import ClassVar


class SqsError(Exception):
    """A request that is refused; the text says what is wrong and, where possible, the remedy."""

    shape: ClassVar[str]
    query: ClassVar[str]
    namespace: ClassVar[str] = "com.amazonaws.sqs"
    status: ClassVar[int] = 400

    @property
    def message(self) -> str:
        return str(self.args[0]) if self.args else ""


class QueueDoesNotExistError(SqsError):
    """No queue has this name, or it was deleted."""

    shape = "QueueDoesNotExist"
    query = "AWS.SimpleQueueService.NonExistentQueue"


class QueueNameExistsError(SqsError):
    """A queue of this name exists with other attributes."""

    shape = "QueueNameExists"
    query = "QueueAlreadyExists"


class QueueDeletedRecentlyError(SqsError):
    """A queue of this name was deleted less than 60 s ago."""

    shape = "QueueDeletedRecently"
    query = "AWS.SimpleQueueService.QueueDeletedRecently"


class PurgeQueueInProgressError(SqsError):
    """The queue was purged less than 60 s ago."""

    shape = "PurgeQueueInProgress"
    query = "AWS.SimpleQueueService.PurgeQueueInProgress"


class InvalidAttributeNameError(SqsError):
    """The queue attribute does not exist."""

    shape = "InvalidAttributeName"
    query = "InvalidAttributeName"


class InvalidAttributeValueError(SqsError):
    """The queue attribute exists, its value is out of bounds."""

    shape = "InvalidAttributeValue"
    query = "InvalidAttributeValue"


class InvalidMessageContentsError(SqsError):
    """The body holds a character that SQS does not carry."""

    shape = "InvalidMessageContents"
    query = "InvalidMessageContents"


class ReceiptHandleIsInvalidError(SqsError):
    """The text is no receipt handle of this queue."""

    shape = "ReceiptHandleIsInvalid"
    query = "ReceiptHandleIsInvalid"


class MessageNotInflightError(SqsError):
    """The handle's receive is over: its visibility ran out or another receive took the message."""

    shape = "MessageNotInflight"
    query = "AWS.SimpleQueueService.MessageNotInflight"


class EmptyBatchRequestError(SqsError):
    """A batch without entries."""

    shape = "EmptyBatchRequest"
    query = "AWS.SimpleQueueService.EmptyBatchRequest"


class TooManyEntriesInBatchRequestError(SqsError):
    """A batch of more than 10 entries."""

    shape = "TooManyEntriesInBatchRequest"
    query = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"


class BatchEntryIdsNotDistinctError(SqsError):
    """Two entries of a batch share an id."""

    shape = "BatchEntryIdsNotDistinct"
    query = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"


class InvalidBatchEntryIdError(SqsError):
    """An entry's id is not 1 to 80 letters, digits, hyphens or underscores."""

    shape = "InvalidBatchEntryId"
    query = "AWS.SimpleQueueService.InvalidBatchEntryId"


class BatchRequestTooLongError(SqsError):
    """The messages of a batch weigh more than 1 MiB together."""

    shape = "BatchRequestTooLong"
    query = "AWS.SimpleQueueService.BatchRequestTooLong"


class UnsupportedOperationError(SqsError):
    """SQS has it, this endpoint does not."""

    shape = "UnsupportedOperation"
    query = "AWS.SimpleQueueService.UnsupportedOperation"


class InvalidParameterValueError(SqsError):
    """A parameter's value is out of bounds."""

    shape = "InvalidParameterValueException"
    query = "InvalidParameterValue"
    namespace = "com.amazon.coral.service"


class MissingParameterError(SqsError):
    """A required parameter is absent or empty."""

    shape = "MissingRequiredParameterException"
    query = "MissingParameter"
    namespace = "com.amazon.coral.service"


class InvalidActionError(SqsError):
    """The request names no action of SQS."""

    shape = "UnknownOperationException"
    query = "InvalidAction"
    namespace = "com.amazon.coral.service"


class SerializationError(SqsError):
    """The request's body is not a JSON object, or a member has the wrong type."""

    shape = "SerializationException"
    query = "MalformedInput"
    namespace = "com.amazon.coral.service"
