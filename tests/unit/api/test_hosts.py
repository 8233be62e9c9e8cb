"""Nobody is flooded through us: jobs that wait for one host are counted."""

import pytest

from api.limits.hosts import Hosts
from wire import urls
from wire.errors import RateLimited

CAT = urls.check("https://Example.com./cat.jpg")
DOG = urls.check("http://example.com/dog.jpg")
OTHER = urls.check("https://example.org/cat.jpg")


def test_so_many_may_wait_for_one_host_and_no_more() -> None:
    hosts = Hosts(2)
    with hosts.hold(CAT), hosts.hold(DOG), hosts.hold(OTHER):
        with pytest.raises(RateLimited) as refused, hosts.hold(CAT):
            pass
        assert refused.value.retry_in == 1
    with hosts.hold(CAT), hosts.hold(CAT):
        pass


def test_a_place_is_given_back_whatever_happens_and_nothing_is_kept() -> None:
    hosts = Hosts(1)
    for _ in range(3):
        with pytest.raises(KeyError), hosts.hold(CAT):
            raise KeyError
    assert len(hosts) == 0


def test_hosts_that_are_allowed_by_name_are_not_counted() -> None:
    own = urls.check("http://127.0.0.1:8099/a.jpg", frozenset({"127.0.0.1:8099"}))
    hosts = Hosts(1)
    with hosts.hold(own), hosts.hold(own):
        assert len(hosts) == 0


def test_without_limit_nothing_is_counted() -> None:
    hosts = Hosts(0)
    with hosts.hold(CAT), hosts.hold(CAT):
        assert len(hosts) == 0
