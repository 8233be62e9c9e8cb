"""Faults: which request meets which, and what a document of them may say."""

from pathlib import Path

import pytest

from local.faults.dice import Dice
from local.faults.errors import FaultsUnusableError
from local.faults.exchange import Answer
from local.faults.rules import Rule, parse, read
from local.faults.s3 import S3Dialect
from local.faults.sqs import SqsDialect


def rolls(dice: Dice, count: int, fault: str = "error") -> list[bool]:
    return [
        any(die.hits() for die in dice.concerning((fault,), "SendMessage", "jobs"))
        for _ in range(count)
    ]


def test_a_share_is_a_share() -> None:
    dice = Dice(1, [Rule(fault="error", share=0.25)])
    assert 400 < sum(rolls(dice, 2_000)) < 600
    assert dice.counts()[0]["met"] == 2_000


def test_a_seed_decides_and_no_rule_disturbs_another() -> None:
    rule, other = Rule(fault="error", share=0.5), Rule(fault="lost", share=0.5)
    alone = rolls(Dice(7, [rule]), 100)
    beside = Dice(7, [rule, other])
    mixed = [roll for _ in range(100) for roll in (*rolls(beside, 1), *rolls(beside, 1, "lost"))]
    assert mixed[::2] == alone
    assert mixed[1::2] != alone
    assert rolls(Dice(8, [rule]), 100) != alone


def test_a_limit_ends_a_rule() -> None:
    assert rolls(Dice(1, [Rule(fault="error", share=1, limit=2)]), 4) == [True, True, False, False]


def test_a_rule_is_for_its_actions_and_targets_alone() -> None:
    dice = Dice(1, [Rule(fault="error", share=1, on=("DeleteMessage",), where="request")])
    met = [
        (action, target)
        for action in ("DeleteMessage", "SendMessage")
        for target in ("x-requests", "x-reports")
        if list(dice.concerning(("error",), action, target))
    ]
    assert met == [("DeleteMessage", "x-requests")]


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ("{", "Invalid JSON"),
        ('{"sqs": [{"fault": "conflict", "share": 1}]}', "sqs.0.fault"),
        ('{"s3": [{"fault": "duplicate", "share": 1}]}', "s3.0.fault"),
        ('{"s3": [{"fault": "error", "share": 1.5}]}', "s3.0.share"),
        ('{"s3": [{"fault": "error", "share": 1, "seconds": [2, 1]}]}', "the least first"),
        ('{"s3": [{"fault": "error", "share": 1, "shar": 1}]}', "s3.0.shar"),
        ('{"queues": []}', "queues"),
    ],
)
def test_what_is_wrong_is_named(document: str, named: str) -> None:
    with pytest.raises(FaultsUnusableError, match=named):
        parse(document)


def test_a_document_comes_from_a_file_or_as_text(tmp_path: Path) -> None:
    text = '{"seed": 3, "sqs": [{"fault": "early", "share": 0.5}]}'
    (tmp_path / "faults.json").write_text(text)
    assert read(str(tmp_path / "faults.json")) == read(text) == parse(text)
    with pytest.raises(FaultsUnusableError, match="nowhere"):
        read(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("PUT", "/bucket/a/b.json", [], ("PutObject", False)),
        ("PUT", "/bucket/a", [(b"if-none-match", b"*")], ("PutObject", True)),
        ("PUT", "/bucket/a", [(b"if-match", b'"e"')], ("PutObject", True)),
        ("GET", "/bucket/a", [(b"if-match", b'"e"')], ("GetObject", False)),
        ("GET", "/bucket/", [], ("ListObjectsV2", False)),
        ("PUT", "/bucket", [], ("CreateBucket", False)),
        ("POST", "/", [], None),
        ("GET", "/_ministack/health", [], None),
    ],
)
def test_s3_requests_have_their_names(
    method: str,
    path: str,
    headers: list[tuple[bytes, bytes]],
    expected: tuple[str, bool] | None,
) -> None:
    request = S3Dialect().request({"method": method, "path": path, "headers": headers}, b"")
    assert (request and (request.action, request.conditional)) == expected


def test_sqs_requests_have_their_names() -> None:
    headers = [(b"x-amz-target", b"AmazonSQS.SendMessage")]
    body = b'{"QueueUrl": "http://127.0.0.1:1/000000000000/jobs"}'
    assert SqsDialect().request({"headers": headers}, body) == ("SendMessage", "jobs", False)
    assert SqsDialect().request({"headers": []}, b"") is None


@pytest.mark.parametrize("dialect", [SqsDialect(), S3Dialect()])
def test_refusals_have_bodies_and_failures_are_of_the_server(
    dialect: SqsDialect | S3Dialect,
) -> None:
    refusals: dict[str, Answer] = dict(dialect.refusals)
    assert all(answer.body and answer.status >= 400 for answer in refusals.values())
    assert all(refusals[fault].status >= 500 for fault in ("error", "unavailable", "lost_500"))
