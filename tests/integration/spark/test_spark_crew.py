import threading

import pytest

from training.spark.crew import CrewLost, Roll
from training.spark.line import FAILED, Address, Line, Switchboard

HERE, MANY = "127.0.0.1", 60.0


@pytest.fixture
def roll():
    return Roll(2)


@pytest.fixture
def board(roll):
    board = Switchboard(HERE, HERE, roll.greet)
    yield board
    board.close()


def call(board: Switchboard, attempt: int, rank: int) -> Line:
    line = Line.to(board.address)
    line.say({"attempt": attempt, "rank": rank})
    return line


def gathered(roll: Roll, after: int = -1):
    crew = roll.crew(after, MANY, lambda: False)
    assert crew is not None
    return crew


def answering(line: Line, answer: dict, body: bytes = b"") -> threading.Thread:
    def work() -> None:
        line.hear()
        line.say(answer, body)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_answers_come_by_rank_with_their_bytes(board, roll):
    lines = [call(board, 7, rank) for rank in (1, 0)]
    crew = gathered(roll)
    assert crew.attempt == 7
    working = [answering(lines[0], {"am": 1}), answering(lines[1], {"am": 0}, b"\0state")]
    assert crew.all({"do": "it"}, b"x", roll.newest) == [({"am": 0}, b"\0state"), ({"am": 1}, b"")]
    for thread in working:
        thread.join()


def test_a_later_attempt_makes_a_crew_of_its_own_and_ends_the_earlier(board, roll):
    old = [call(board, 1, rank) for rank in (0, 1)]
    first = gathered(roll)
    new = [call(board, 2, rank) for rank in (0, 1)]
    assert gathered(roll, after=first.attempt).attempt == 2
    with pytest.raises(CrewLost, match="given this attempt up"):
        first.all({"do": "it"}, b"", roll.newest)
    assert roll.crew(2, 0.0, lambda: False) is None
    assert len(old) == len(new)


def test_one_that_hangs_up_or_fails_loses_the_crew(board, roll):
    lines = [call(board, 1, rank) for rank in (0, 1)]
    crew = gathered(roll)
    working = answering(lines[0], {FAILED: "ValueError: no\nmore"})
    with pytest.raises(CrewLost, match=r"ValueError: no$"):
        crew.all({"do": "it"}, b"", roll.newest)
    working.join()
    lines[0].close()
    with pytest.raises(CrewLost, match="gone"):
        crew.all({"do": "it"}, b"", roll.newest)


def test_who_does_not_know_the_secret_is_no_rank(board, roll):
    from multiprocessing import AuthenticationError

    with pytest.raises((AuthenticationError, OSError, EOFError)):
        Line.to(Address(HERE, board.address.port, b"guess"))
    call(board, 1, 0), call(board, 1, 1)
    assert gathered(roll).attempt == 1
