"""Nobody is flooded through us: jobs that want one host's pictures are counted."""

import pytest

from api.limits.hosts import Hosts
from wire import urls
from wire.errors import RateLimited

CAT = urls.check("https://Example.com./cat.jpg")
DOG = urls.check("http://example.com/dog.jpg")
OTHER = urls.check("https://example.org/cat.jpg")


def test_so_many_may_wait_for_one_host_and_no_more() -> None:
    hosts = Hosts(2, 300.0)
    with hosts.hold(CAT, "1"), hosts.hold(DOG, "2"), hosts.hold(OTHER, "3"):
        with pytest.raises(RateLimited) as refused, hosts.hold(CAT, "4"):
            pass
        assert refused.value.retry_in == 1
    with hosts.hold(CAT, "5"), hosts.hold(CAT, "6"):
        pass


def test_a_place_is_given_back_whatever_happens_and_nothing_is_kept() -> None:
    hosts = Hosts(1, 300.0)
    for _ in range(3):
        with pytest.raises(KeyError), hosts.hold(CAT, "7"):
            raise KeyError
    assert len(hosts) == 0


def left(hosts: Hosts, uuid: str, target: urls.Target = CAT) -> None:
    """A job whose client hung up."""
    with hosts.hold(target, uuid) as place:
        place.leave()


def test_who_hangs_up_takes_no_job_out_of_the_queue() -> None:
    hosts = Hosts(2, 300.0)
    left(hosts, "a")
    left(hosts, "b")
    with pytest.raises(RateLimited):
        left(hosts, "c")
    hosts.answered("a")
    hosts.answered("a")
    left(hosts, "c")
    with pytest.raises(RateLimited):
        left(hosts, "d")
    for uuid in "bc":
        hosts.answered(uuid)
    assert len(hosts) == 0


def test_an_answer_that_comes_while_its_client_is_there_still_frees_the_place() -> None:
    hosts = Hosts(1, 300.0)
    for uuid in "ab":
        with hosts.hold(CAT, uuid) as place:
            hosts.answered(uuid)
            place.leave()
    assert len(hosts) == 0


def test_a_job_that_is_never_answered_counts_until_its_deadline() -> None:
    now = 0.0
    hosts = Hosts(1, 300.0, clock=lambda: now)
    left(hosts, "a")
    now = 299.0
    with pytest.raises(RateLimited):
        left(hosts, "b")
    now = 300.0
    left(hosts, "b")


def test_a_job_that_is_sent_anew_is_the_same_job() -> None:
    hosts = Hosts(1, 300.0)
    left(hosts, "a")
    left(hosts, "a")
    with pytest.raises(RateLimited):
        left(hosts, "b")
    hosts.answered("a")
    assert len(hosts) == 0


def test_who_joins_a_job_and_leaves_it_takes_it_along_for_nobody() -> None:
    """Whoever of those who wait for one job goes first, sent or not: it counts once, until the last goes."""
    for sent in (True, False):
        hosts = Hosts(1, 300.0)
        with hosts.hold(CAT, "a") as first:
            with pytest.raises(KeyError), hosts.hold(CAT, "a"):
                raise KeyError
            with pytest.raises(RateLimited):
                left(hosts, "b")
            if sent:
                first.leave()
        assert len(hosts) == sent


def test_a_job_stays_counted_while_one_who_joined_it_stays() -> None:
    hosts = Hosts(1, 300.0)
    leader, follower = hosts.hold(CAT, "a"), hosts.hold(CAT, "a")
    leader.__enter__()
    follower.__enter__()
    leader.__exit__(None, None, None)
    with pytest.raises(RateLimited):
        left(hosts, "b")
    follower.__exit__(None, None, None)
    assert len(hosts) == 0


def test_a_job_in_the_queue_counts_though_sending_it_anew_fails() -> None:
    hosts = Hosts(1, 300.0)
    left(hosts, "a")
    with pytest.raises(KeyError), hosts.hold(CAT, "a"):
        raise KeyError
    with pytest.raises(RateLimited):
        left(hosts, "b")


def test_an_answered_job_that_is_asked_anew_is_another() -> None:
    hosts = Hosts(1, 300.0)
    with hosts.hold(CAT, "a") as old:
        hosts.answered("a")
        with hosts.hold(CAT, "a"):
            old.leave()
            with pytest.raises(RateLimited):
                left(hosts, "b")
        assert len(hosts) == 0
    assert len(hosts) == 0


def test_what_is_remembered_is_bounded() -> None:
    hosts = Hosts(1, 300.0, left=3)
    for i in range(9):
        left(hosts, str(i), urls.check(f"https://host-{i}.example/"))
    assert len(hosts) == len(hosts._left) == 3
    left(hosts, "again", urls.check("https://host-0.example/"))


def test_hosts_that_are_allowed_by_name_are_not_counted() -> None:
    own = urls.check("http://127.0.0.1:8099/a.jpg", frozenset({"127.0.0.1:8099"}))
    hosts = Hosts(1, 300.0)
    with hosts.hold(own, "8"), hosts.hold(own, "9"):
        assert len(hosts) == 0


def test_without_limit_nothing_is_counted() -> None:
    hosts = Hosts(0, 300.0)
    with hosts.hold(CAT, "10"), hosts.hold(CAT, "11"):
        assert len(hosts) == 0
