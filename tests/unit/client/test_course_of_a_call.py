"""What a call does about every answer, with time and chance in hand and nothing sent."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from classifycloud.client import errors, requests, steps
from classifycloud.client.answers import ENDED
from classifycloud.client.calls import KEY, Call, Reply
from classifycloud.client.pictures import Source
from wire.errors import BY_CODE

CAT = Source(url="https://example.com/cat.jpg")
LABELS = {
    "uuid": "a",
    "imageUrl": CAT.url,
    "result": "tabby",
    "labels": [{"name": "tabby", "classId": "n1", "confidence": 0.7}],
    "model": "m",
    "modelVersion": "1",
    "timings": {},
    "cached": False,
}


def said(status: int, document: Any, **headers: str) -> Reply:
    return Reply(
        status, {k.replace("_", "-"): v for k, v in headers.items()}, json.dumps(document).encode()
    )


def refused(code: str, job: str | None = None, **headers: str) -> Reply:
    body = {"error": {"code": code, "message": "…", "job": job}}
    return said(BY_CODE[code].status, body, **headers)


@dataclass
class World:
    """Gives the replies in turn; its clock goes on by what is slept, and by a second for each request."""

    replies: list[Reply | errors.NoAnswer]
    now: float = 0.0
    sent: list[Call[Any]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    given_up: list[float] = field(default_factory=list)

    def run(
        self, course: Callable[[steps.Patience], steps.Steps[Any]], seconds: float = 300
    ) -> Any:
        going = course(steps.Patience(seconds, lambda: self.now, lambda: 0.5))
        turn: Callable[[], steps.Ask] = lambda: next(going)  # noqa: E731
        while True:
            try:
                ask = turn()
            except StopIteration as end:
                return end.value
            self.pauses.append(ask.after)
            self.given_up.append(self.now + ask.after + ask.timeout)
            self.sent.append(ask.call)
            self.now += ask.after + 1
            reply = self.replies.pop(0)
            if isinstance(reply, errors.NoAnswer):
                turn = lambda reply=reply: going.throw(reply)  # noqa: E731
            else:
                turn = lambda reply=reply: going.send(reply)  # noqa: E731

    def classify(self, seconds: float = 300, **wishes: Any) -> Any:
        call = requests.classify(CAT, wishes)  # type: ignore[arg-type]
        return self.run(lambda patience: steps.answer(call, patience), seconds)

    @property
    def keys(self) -> list[str | None]:
        return [call.headers.get(KEY) for call in self.sent]


def test_labels_come_at_once_under_a_key_of_their_own():
    world = World([said(200, LABELS, age="3")])
    found = world.classify(top=3, include=["n1", "tabby, tabby cat"])
    assert (found.result, found.age, found.replayed) == ("tabby", 3, False)
    (call,) = world.sent
    assert call.params == {"url": CAT.url, "top": "3", "include": ["n1", "tabby, tabby cat"]}
    assert len(call.headers[KEY]) == 36


def test_after_a_refusal_the_same_key_is_tried_when_the_service_says():
    world = World(
        [
            refused("overloaded", retry_after="5"),
            refused("rate_limited", retry_after="1"),
            said(200, LABELS),
        ]
    )
    assert world.classify().result == "tabby"
    assert len(set(world.keys)) == 1
    assert 5 <= world.pauses[1] < 6
    assert 1 <= world.pauses[2] < 2


def test_a_broken_connection_is_tried_again_only_where_that_doubles_nothing():
    world = World([errors.Interrupted("…"), said(200, LABELS)])
    assert world.classify().result == "tabby"
    assert len(set(world.keys)) == 1
    world = World([errors.Interrupted("…"), said(200, LABELS)])
    with pytest.raises(errors.Interrupted):
        world.classify(idempotency_key=None)
    assert world.keys == [None]


def test_a_service_that_has_answered_before_is_waited_for_when_it_goes():
    world = World([errors.Unreachable("…", left=True), said(200, LABELS)])
    assert world.classify(idempotency_key=None).result == "tabby"
    with pytest.raises(errors.Unreachable):
        World([errors.Unreachable("…")]).classify()


@pytest.mark.parametrize("code", ["timed_out", "shutting_down"])
def test_a_job_that_goes_on_is_followed_by_its_id(code):
    waiting = {"uuid": "j1", "status": "queued", "imageUrl": CAT.url}
    done = LABELS | {"uuid": "j1", "status": "succeeded"}
    world = World(
        [
            refused(code, "j1"),
            said(200, waiting, retry_after="2"),
            refused("queue_unavailable", retry_after="5"),
            said(200, done),
        ]
    )
    assert world.classify().uuid == "j1"
    assert [call.path for call in world.sent] == ["/classify", *["/jobs/j1"] * 3]


def test_a_job_is_followed_no_longer_than_the_time_out():
    waiting = said(200, {"uuid": "j1", "status": "running"}, retry_after="2")
    world = World([refused("timed_out", "j1"), *[waiting] * 100])
    with pytest.raises(errors.Unfinished) as told:
        world.classify(seconds=30)
    assert (told.value.code, told.value.job) == ("timed_out", "j1")
    assert world.now <= 31


@pytest.mark.parametrize("status", sorted(ENDED - {"succeeded"}))
def test_a_followed_job_that_ends_badly_is_an_error_of_its_code(status):
    fault = {"error": {"code": "invalid_image", "message": "…"}} if status == "failed" else {}
    world = World([refused("timed_out", "j1"), said(200, {"uuid": "j1", "status": status} | fault)])
    with pytest.raises(errors.ClassifyCloudError) as told:
        world.classify()
    code = {"failed": "invalid_image", "canceled": "job_canceled", "expired": "job_expired"}[status]
    assert (told.value.code, told.value.job) == (code, "j1")


def test_features_are_fetched_where_the_job_left_them():
    values = {"uuid": "j1", "model": "m", "modelVersion": "1", "shape": [2], "values": [1.0, None]}
    world = World(
        [
            refused("timed_out", "j1"),
            said(200, {"uuid": "j1", "status": "succeeded"}),
            said(200, values, content_type="application/json"),
        ]
    )
    call = requests.features(CAT, "pool", {"form": "json"})
    found = world.run(lambda patience: steps.answer(call, patience))
    assert [each.path for each in world.sent][-1] == "/features/j1"
    assert (found.shape, found.values()[0]) == ((2,), 1.0)


def test_a_fault_of_the_service_is_tried_once_more_as_another_request():
    world = World([refused("internal", "j1"), refused("internal", "j2")])
    with pytest.raises(errors.ServiceFailed) as told:
        world.classify()
    assert told.value.job == "j2"
    assert len(set(world.keys)) == 2


HELPED = {
    "rate_limited",
    "overloaded",
    "queue_unavailable",
    "shutting_down",
    "timed_out",
    "request_timeout",
    "job_expired",
    "internal",
}


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_only_what_helps_is_asked_again(code):
    world = World([refused(code), said(200, LABELS)])
    if code in HELPED:
        assert world.classify().result == "tabby"
    else:
        with pytest.raises(errors.Answered) as told:
            world.classify()
        assert (told.value.code, told.value.status) == (code, BY_CODE[code].status)
        assert len(world.sent) == 1


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_every_code_has_a_kind_and_a_status(code):
    error = errors.answered(code, "…")
    assert type(error) is not errors.Answered
    assert error.status == BY_CODE[code].status


def test_no_pause_goes_past_the_time_out():
    world = World([refused("overloaded", retry_after="60")])
    with pytest.raises(errors.Busy) as told:
        world.classify(seconds=30)
    assert told.value.retry_after == 60
    world = World([refused("overloaded")] * 1000)
    with pytest.raises(errors.Busy):
        world.classify(seconds=30)
    assert 25 < world.now <= 31


@pytest.mark.parametrize(
    "reply", [Reply(200, {}, b"<html>"), said(502, {"detail": "proxy"}), said(200, {"model": 1})]
)
def test_another_server_is_told_from_the_service(reply):
    with pytest.raises(errors.NotUnderstood):
        World([reply]).classify()


def test_pause_and_request_together_end_in_time():
    waiting = said(202, {"uuid": "j1", "status": "queued"}, retry_after="9")
    running = said(200, {"uuid": "j1", "status": "running"}, retry_after="9")
    busy = refused("queue_unavailable", retry_after="9")
    world = World([busy, waiting, busy, running, said(200, LABELS | {"status": "succeeded"})])
    world.classify(60)
    assert world.given_up == [60] * 5
