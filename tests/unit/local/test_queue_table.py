"""Queues: created once, found by name, changed, deleted, and their names resting."""

import json
from pathlib import Path

import pytest

from local.sqs.database import Database, FolderInUseError
from local.sqs.errors import (
    InvalidAttributeNameError,
    InvalidAttributeValueError,
    InvalidParameterValueError,
    QueueDeletedRecentlyError,
    QueueDoesNotExistError,
    QueueNameExistsError,
    UnsupportedOperationError,
)
from local.sqs.queues import QueueTable


class Hands:
    """A clock set by hand, in milliseconds."""

    now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def queues(database: Database, clock: Hands) -> QueueTable:
    return QueueTable(database, clock, name_rest_s=60)


def test_creating_twice_alike_gives_the_same_queue(queues: QueueTable) -> None:
    first = queues.create("a", {"VisibilityTimeout": "5"}, {})
    assert queues.create("a", {"VisibilityTimeout": "5"}, {}) is first
    assert queues.create("a", {}, {}) is first
    assert queues.create("a", {"DelaySeconds": "0"}, {}) is first


def test_creating_again_with_another_value_is_refused(queues: QueueTable) -> None:
    queues.create("a", {"VisibilityTimeout": "5"}, {})
    with pytest.raises(QueueNameExistsError, match="VisibilityTimeout"):
        queues.create("a", {"VisibilityTimeout": "6"}, {})


def test_a_deleted_name_rests_a_minute(queues: QueueTable, clock: Hands) -> None:
    old = queues.create("a", {}, {})
    queues.delete(old)
    with pytest.raises(QueueDoesNotExistError):
        queues.get("a")
    clock.now += 59_999
    with pytest.raises(QueueDeletedRecentlyError):
        queues.create("a", {}, {})
    clock.now += 1
    assert queues.create("a", {}, {}).id != old.id


def test_a_deleted_name_rests_through_a_restart(
    queues: QueueTable, clock: Hands, database: Database
) -> None:
    queues.delete(queues.create("a", {}, {}))
    with pytest.raises(QueueDeletedRecentlyError):
        QueueTable(database, clock, 60).create("a", {}, {})


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 81, "a/b", "a.b"])
def test_other_names_are_refused(queues: QueueTable, name: str) -> None:
    with pytest.raises(InvalidParameterValueError):
        queues.create(name, {}, {})


def test_fifo_is_refused_clearly(queues: QueueTable) -> None:
    with pytest.raises(UnsupportedOperationError, match="standard"):
        queues.create("a.fifo", {}, {})
    with pytest.raises(UnsupportedOperationError, match="FifoQueue"):
        queues.create("a", {"FifoQueue": "true"}, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VisibilityTimeout", "43201"),
        ("VisibilityTimeout", "-1"),
        ("VisibilityTimeout", "ten"),
        ("MessageRetentionPeriod", "59"),
        ("MaximumMessageSize", "1048577"),
        ("RedrivePolicy", "{"),
        ("RedrivePolicy", "[]"),
        ("RedrivePolicy", '{"maxReceiveCount": 3}'),
        ("RedrivePolicy", '{"maxReceiveCount": 0, "deadLetterTargetArn": "arn:aws:sqs:r:0:d"}'),
        ("RedrivePolicy", '{"maxReceiveCount": 3, "deadLetterTargetArn": "dead"}'),
    ],
)
def test_values_out_of_bounds_are_refused(queues: QueueTable, name: str, value: str) -> None:
    with pytest.raises(InvalidAttributeValueError, match=name):
        queues.create("a", {name: value}, {})


def test_unknown_attributes_are_refused(queues: QueueTable) -> None:
    with pytest.raises(InvalidAttributeNameError, match="Colour"):
        queues.create("a", {"Colour": "red"}, {})
    with pytest.raises(InvalidAttributeNameError, match="QueueArn"):
        queues.create("a", {"QueueArn": "arn"}, {})


def test_changes_are_kept(queues: QueueTable, database: Database, clock: Hands) -> None:
    queue = queues.create("a", {}, {"k": "old"})
    policy = {"deadLetterTargetArn": "arn:aws:sqs:r:0:dead", "maxReceiveCount": "3"}
    queues.change(queue, {"RedrivePolicy": json.dumps(policy), "VisibilityTimeout": "9"})
    queues.tag(queue, {"n": "new"}, ["k"])
    again = QueueTable(database, clock, 60).get("a")
    assert again.redrive == queue.redrive == (3, "dead")
    assert again.visibility_ms == 9_000
    assert again.tags == {"n": "new"}
    queues.change(queue, {"RedrivePolicy": ""})
    assert queue.redrive is None


def test_names_are_listed_by_prefix(queues: QueueTable) -> None:
    for name in ("b2", "a1", "b1"):
        queues.create(name, {}, {})
    assert queues.names("b") == ["b1", "b2"]
    assert queues.names("") == ["a1", "b1", "b2"]


def test_a_second_server_on_the_same_folder_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(FolderInUseError, match="--data"):
        Database(tmp_path)
