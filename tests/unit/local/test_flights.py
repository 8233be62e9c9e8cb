"""Who holds how much: flights begin and end, and what was long ago is forgotten."""

from local.sqs.flights import _SLACK, CROWD, PERIOD_MS, Flights


def test_a_flight_ends_by_delete_by_return_and_by_itself() -> None:
    flights = Flights()
    for message in range(3):
        flights.start(message, "a", 0, 1_000)
    flights.end(0, 10)
    flights.hold(1, "a", 20, 20)
    assert (len(flights), flights.count["a"]) == (1, 1)
    flights.advance(1_000)
    assert (len(flights), dict(flights.count)) == (0, {})
    assert flights.spent() == {"a": 10 + 20 + 1_000}


def test_held_longer_it_flies_longer() -> None:
    flights = Flights()
    flights.start(1, "a", 0, 1_000)
    flights.hold(1, "a", 500, 5_000)
    flights.advance(4_999)
    assert len(flights) == 1
    flights.advance(5_000)
    assert len(flights) == 0


def test_held_though_it_was_thought_to_have_ended_it_flies() -> None:
    flights = Flights()
    flights.start(1, "a", 0, 1_000)
    flights.end(1, 100)
    flights.hold(1, "a", 500, 5_000)
    assert (len(flights), flights.count["a"]) == (1, 1)
    flights.advance(5_000)
    assert (len(flights), flights.spent()) == (0, {"a": 100 + 4_500})
    flights.hold(1, "a", 6_000, 6_000)
    assert len(flights) == 0


def test_handed_out_again_it_is_one_flight() -> None:
    flights = Flights()
    flights.start(1, "a", 0, 1_000)
    flights.start(1, "a", 1_500, 2_500)
    assert flights.count["a"] == 1
    flights.advance(2_000)
    assert len(flights) == 1


def test_a_crowd_forms_and_breaks_up() -> None:
    flights = Flights()
    for message in range(CROWD):
        assert not flights.crowds
        flights.start(message, "a", 0, 1_000)
    assert flights.crowds == {"a"}
    flights.end(0, 1)
    assert not flights.crowds


def test_time_is_recent_for_one_period_at_least_and_two_at_most() -> None:
    flights = Flights()
    flights.advance(PERIOD_MS)
    flights.start(1, "a", PERIOD_MS, 10 * PERIOD_MS)
    flights.end(1, PERIOD_MS + 700)
    flights.advance(2 * PERIOD_MS)
    assert flights.spent() == {"a": 700}
    flights.advance(3 * PERIOD_MS)
    assert flights.spent() == {}


def test_a_long_pause_forgets_all() -> None:
    flights = Flights()
    flights.advance(PERIOD_MS)
    flights.start(1, "a", PERIOD_MS, 10 * PERIOD_MS)
    flights.end(1, PERIOD_MS + 700)
    flights.advance(5 * PERIOD_MS)
    assert flights.spent() == {}


def test_what_was_known_before_a_restart_counts_but_not_its_time() -> None:
    flights = Flights()
    flights.recall(1, "a", 1_000)
    assert flights.count["a"] == 1
    flights.advance(2_000)
    assert flights.spent().total() == 0


def test_messages_deleted_long_before_their_time_take_no_room() -> None:
    flights = Flights()
    for message in range(3 * _SLACK):
        flights.start(message, "a", message, 43_200_000)
        flights.end(message, message + 1)
    assert len(flights._ends) <= _SLACK + 2
