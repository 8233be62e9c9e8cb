"""Answers that nobody waits for: whose rows they are, and who is to be told."""

import pytest

from api.chores.consumer import Later, Unusable
from api.chores.outcomes import Outcomes
from api.jobs.book import Book
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore
from wire.messages import Answer, Chore, Job
from wire.queues import Received


def received(body: str) -> Received:
    return Received(body, "m", "r", 1, 0.0, 0.0)


class Office:
    """A desk, the books of bulk jobs, and who follows; what comes to each."""

    def __init__(self) -> None:
        self.chores: list[Chore] = []
        self.rows: list[str] = []
        self.seen: list[str] = []
        self.shut = False
        self.book = Book(MemoryStore())
        self.outcomes = Outcomes(
            self, self.book, self._row, lambda answer: self.seen.append(answer.uuid)
        )

    async def put(self, chore: Chore) -> None:
        if self.shut:
            raise QueueUnavailable
        self.chores.append(chore)

    async def _row(self, answer: Answer, _received: Received) -> None:
        self.rows.append(answer.uuid)

    async def take(self, uuid: str, **fields: object) -> None:
        known = {"uuid": uuid, "image_url": 'https://e.com/"replyTo":a'}
        answer = Answer.model_validate(known | fields)
        await self.outcomes(received(answer.encode()))


async def test_who_asked_to_be_told_has_a_chore_and_nobody_else() -> None:
    office = Office()
    await office.take("a", order="a", hook=True)
    await office.take("b", order="b")
    assert office.chores == [Chore(kind="webhook", payload={"job": "a"})]
    assert office.seen == ["a", "b"]


async def test_rows_go_to_their_bulk_job() -> None:
    office = Office()
    await office.take("bulk-1-0", order="bulk-1", hook=True)
    assert (office.rows, office.chores, office.seen) == (["bulk-1-0"], [], [])


async def test_the_message_stays_until_the_chore_is_safe() -> None:
    office = Office()
    office.shut = True
    with pytest.raises(QueueUnavailable):
        await office.take("a", order="a", hook=True)


async def test_what_is_no_answer_is_set_aside() -> None:
    with pytest.raises(Unusable):
        await Office().outcomes(received("nonsense"))


def job(uuid: str, **fields: object) -> Received:
    """A job of many receives, as SQS moves it here."""
    known = {"uuid": uuid, "image_url": 'https://e.com/"replyTo":', "reply_to": "outcomes"}
    return received(Job.model_validate(known | fields).encode())


async def test_what_sqs_gave_up_has_failed_and_is_kept_for_the_operator() -> None:
    office = Office()
    await office.take("z", order="z")  # an answer, whatever its picture is called
    for each in (job("bulk-1-0", order="bulk-1"), job("a", order="a", hook=True), job("w")):
        with pytest.raises(Unusable):  # by which its body goes to the dead-letter queue
            await office.outcomes(each)
    assert (office.rows, office.seen) == (["bulk-1-0"], ["z", "a"])
    assert office.chores == [Chore(kind="webhook", payload={"job": "a"})]
    found = await office.book.answer("a")
    assert found is not None
    assert found.error is not None
    assert found.error.code == "worker_crashed"
    assert await office.book.answer("w") is None


async def test_an_answer_that_stands_is_not_replaced_by_giving_up() -> None:
    office = Office()
    stood = Answer(uuid="a", image_url="https://e.com/a", result="cat", order="a")
    await office.book.settle(stood)
    with pytest.raises(Unusable):
        await office.outcomes(job("a", order="a"))
    assert await office.book.answer("a") == stood


async def test_it_stays_until_its_row_is_safe() -> None:
    office = Office()

    async def later(_answer: Answer, _received: Received) -> None:
        raise Later(1)

    office.outcomes = Outcomes(office, office.book, later, lambda _answer: None)
    with pytest.raises(Later):
        await office.outcomes(job("bulk-1-0", order="bulk-1"))
