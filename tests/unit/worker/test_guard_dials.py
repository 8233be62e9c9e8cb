"""How often one name has us knock."""

import httpcore2
import pytest

from wire.errors import BlockedAddress, UpstreamUnreachable
from wire.outside.guard import GuardedBackend


class Closed(httpcore2.AsyncNetworkBackend):
    """Notes what is dialed; nobody is there."""

    def __init__(self):
        self.dialed = []

    async def connect_tcp(self, host, port, *_):
        self.dialed.append(host)
        raise httpcore2.ConnectError


def guarded(*found):
    wire = Closed()

    async def resolve(host, port):
        return list(found)

    return wire, GuardedBackend(resolve, frozenset(), wire)


@pytest.mark.parametrize("six", [0, 1, 2, 200])
@pytest.mark.parametrize("four", [0, 1, 2, 200])
async def test_a_name_is_worth_four_dials_of_both_families(four, six):
    """Whoever owns a name may list addresses without end, and have us knock at each."""
    found = [f"2606:4700::{at + 1:x}" for at in range(six)] + [
        f"93.184.216.{at}" for at in range(four)
    ]
    wire, guard = guarded(*found)
    with pytest.raises((httpcore2.ConnectError, UpstreamUnreachable)):
        await guard.connect_tcp("fan.example", 80)
    dialed = wire.dialed
    assert len(dialed) == len(set(dialed)) == min(4, len(found))
    assert sum(":" in host for host in dialed) == min(six, max(2, 4 - four))


async def test_an_address_that_would_not_be_dialed_is_judged_too():
    wire, guard = guarded(*(f"93.184.216.{at}" for at in range(9)), "10.0.0.1")
    with pytest.raises(BlockedAddress):
        await guard.connect_tcp("fan.example", 80)
    assert wire.dialed == []
