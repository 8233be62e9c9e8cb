"""The backlog that `bench.scale` keeps, in a real local endpoint, with a worker played by the test."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bench.contenders import OURS, connect, running
from bench.scale.backlog import HELD, TEN, Backlog
from bench.throughput.pictures import Origin
from wire import errors
from wire.messages import Answer, ErrorBody, Job
from wire.names import QueueNames

NAMES = QueueNames("bench-test")


@pytest.fixture
def endpoint() -> Iterator[str]:
    with running(OURS) as server:
        yield server.address


def test_what_is_answered_is_sent_anew_and_every_job_is_one(endpoint: str) -> None:
    sqs = connect(endpoint)
    requests = sqs.create_queue(QueueName=NAMES.requests)["QueueUrl"]
    backlog = Backlog(endpoint, NAMES, Origin("127.0.0.1:1", 3))
    backlog.start()
    try:
        backlog.fill(30)
        assert waiting(sqs, requests) == 30 + HELD + TEN
        worked = work(sqs, requests, 10)
        assert len({job.uuid for job in worked}) == len({job.image_url for job in worked}) == 10
        assert all(NAMES.may_reply_to(job.reply_to) for job in worked)
        until(lambda: backlog.answered == 10)
        assert backlog.failed == 0
        until(lambda: waiting(sqs, requests) == 30 + HELD + TEN)
        assert backlog.waiting() == 30 + HELD + TEN
    finally:
        backlog.stop()


def test_a_depth_is_reached_though_answers_come_while_it_is_filled(endpoint: str) -> None:
    sqs = connect(endpoint)
    requests = sqs.create_queue(QueueName=NAMES.requests)["QueueUrl"]
    backlog = Backlog(endpoint, NAMES, Origin("127.0.0.1:1", 3))
    backlog.start()
    try:
        with ThreadPoolExecutor(1) as beside:
            filling = beside.submit(backlog.fill, 2_000)
            done = 0
            while not filling.done():
                done += len(work(sqs, requests, 10))
        assert done > 0
        until(lambda: backlog.answered == done)
        until(lambda: waiting(sqs, requests) == 2_000 + HELD + TEN)
    finally:
        backlog.stop()


def test_answers_that_are_errors_are_no_pictures(endpoint: str) -> None:
    sqs = connect(endpoint)
    requests = sqs.create_queue(QueueName=NAMES.requests)["QueueUrl"]
    backlog = Backlog(endpoint, NAMES, Origin("127.0.0.1:1", 3))
    backlog.start()
    backlog.fill(10)
    work(sqs, requests, 3)
    work(sqs, requests, 2, ErrorBody.of(errors.QueueUnavailable()))
    until(lambda: backlog.answered + backlog.failed == 5)
    assert (backlog.answered, backlog.failed) == (3, 2)
    for told in (backlog.check, backlog.stop):
        with pytest.raises(RuntimeError, match="2 of 5 answers are errors"):
            told()


def test_a_backlog_that_is_no_longer_kept_says_so() -> None:
    with running(OURS) as server:
        sqs = connect(server.address)
        sqs.create_queue(QueueName=NAMES.requests)
        backlog = Backlog(server.address, NAMES, Origin("127.0.0.1:1", 3))
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=NAMES.responses("bench"))["QueueUrl"])
        backlog.start()
        with pytest.raises(RuntimeError, match=r"not kept.*ReceiveMessage was refused"):
            until(lambda: backlog.check() is not None)  # type: ignore[func-returns-value]
        with pytest.raises(RuntimeError, match="not kept"):
            backlog.stop()


def work(sqs: Any, requests: str, count: int, error: ErrorBody | None = None) -> list[Job]:
    """Answer so many, as a worker does."""
    got = sqs.receive_message(QueueUrl=requests, MaxNumberOfMessages=count).get("Messages", [])
    jobs = [Job.decode(message["Body"]) for message in got]
    for message, job in zip(got, jobs, strict=True):
        reply = sqs.get_queue_url(QueueName=job.reply_to)["QueueUrl"]
        answer = Answer(uuid=job.uuid, image_url=job.image_url, error=error)
        sqs.send_message(QueueUrl=reply, MessageBody=answer.encode())
        sqs.delete_message(QueueUrl=requests, ReceiptHandle=message["ReceiptHandle"])
    return jobs


def waiting(sqs: Any, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


def until(check: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not check():
        assert time.monotonic() < end
        time.sleep(0.02)
