"""What a task of the barrier stage does: join the ring, then whatever the driver orders."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from training.batches import Batch
from training.spark.gradients import Told
from training.spark.line import END, FAILED, Address, Line, Message, Said
from training.spark.ring import joined, reserved
from training.spark.share import Pictures

LONGEST = 500  # characters of a reason


def follow(shards: Iterator[int], told: Told, address: Address) -> Iterator[int]:
    """Work until the driver hangs up; the number of updates made."""
    from pyspark import BarrierTaskContext

    context = BarrierTaskContext.get()
    assert context is not None
    rank, mine = context.partitionId(), tuple(shards)
    with reserved() as port:
        host = context.getTaskInfos()[rank].address.rpartition(":")[0]
        here = json.dumps([f"{host}:{port}", context.taskAttemptId()])
        everybody = [json.loads(each) for each in context.allGather(here)]
        total = joined(rank, [address for address, _ in everybody], told.threads)
        follower = Follower(told, rank, mine, total)
    # Ids only rise: the least one of a stage's attempt is higher than all of the attempt before.
    attempt = min(number for _, number in everybody)
    with _called(address, {"attempt": attempt, "rank": rank, "host": host}) as line:
        yield follower.obey(line)


class Follower:
    """A replica in the driver's hands.

    Args:
        shards: this task's.
        total: sums a tensor over all tasks.
    """

    def __init__(self, told: Told, rank: int, shards: tuple[int, ...], total: Any) -> None:
        self._told = told
        self._rank = rank
        self._shards = shards
        self._ahead = Ahead(told.pictures, shards)
        from training.spark.replica import built

        self._replica = built(told.recipe, told.classes)
        self._update = self._replica.step(total)
        self._made = 0

    def obey(self, line: Line) -> int:
        """Until there is no more to do; how many updates were made.

        Raises:
            OSError, EOFError: the driver has hung up, as it does when another executor is gone. If a task
                ended well instead, Spark would not start the stage again.
        """
        doing = {
            "take": self._take,
            "train": self._train,
            "give": self._give,
            "score": self._score,
        }
        while True:
            said, body = line.hear()
            if said["do"] == END:
                return self._made
            try:
                answer = doing[said["do"]](said, body)
            except Exception as error:
                line.say({FAILED: f"{type(error).__name__}: {error}"[:LONGEST]})
                raise
            line.say(*answer)

    def _take(self, _said: Said, state: bytes) -> Message:
        self._replica.restore(state)
        return {}, b""

    def _give(self, _said: Said, _body: bytes) -> Message:
        return {}, self._replica.state() if self._rank == 0 else b""

    def _score(self, said: Said, body: bytes) -> Message:
        pictures = np.frombuffer(body, np.uint8).reshape(said["shape"])
        return {}, self._replica.logits(pictures).tobytes() if len(pictures) else b""

    def _train(self, said: Said, _body: bytes) -> Message:
        began = time.monotonic()
        pictures, labels = self._ahead.part(said["epoch"], said["step"], said["side"])
        waited = time.monotonic() - began
        self._replica.dealt(self._told.pictures.seed, self._shards[0], said["number"])
        found = self._update(pictures, labels, said["rate"], said["count"])
        self._made += 1
        return {"found": found, "waited": waited}, b""


class Ahead:
    """A task's parts of the updates, each made while the one before is computed."""

    def __init__(self, pictures: Pictures, shards: tuple[int, ...]) -> None:
        self._pictures = pictures
        self._shards = shards
        self._pool = ThreadPoolExecutor(1)
        self._next: dict[tuple[int, int, int], Future[Batch]] = {}

    def part(self, epoch: int, step: int, side: int) -> Batch:
        """See Pictures.part."""
        wanted = self._next.pop((epoch, step, side), None) or self._begun(epoch, step, side)
        self._next.clear()
        if step + 1 < self._pictures.deal.steps:
            self._next[epoch, step + 1, side] = self._begun(epoch, step + 1, side)
        return wanted.result()

    def _begun(self, epoch: int, step: int, side: int) -> "Future[Batch]":
        return self._pool.submit(self._pictures.part, self._shards, epoch, step, side)


@contextmanager
def _called(address: Address, greeting: Said) -> Iterator[Line]:
    line = Line.to(address)
    try:
        line.say(greeting)
        yield line
    finally:
        line.close()
