"""The three things that are asked of every case: the verdict, the packets, and the next good picture."""

from collections.abc import Iterable, Iterator
from itertools import cycle

from tests.acceptance.hostile import zone
from tests.acceptance.hostile.case import Case, Verdicts, reached
from tests.acceptance.hostile.client import Reply, WorldClient

GOOD = reached(zone.GOOD)


class Judge:
    """Holds replies against what they should be.

    `refusals` gathers every refusal of an address, to be compared at the end.
    """

    def __init__(self, world: WorldClient) -> None:
        self.world = world
        self.refusals: set[str] = set()
        self._colors: Iterator[str] = cycle(("red", "green", "blue"))

    def case(self, case: Case) -> Reply:
        """Ask, and see that all is as the table says."""
        reply = self.world.get(case.url)
        ports = {80, 443} if case.reach else set()
        allowed = frozenset().union(*(reached(*case.reach, port=port) for port in ports))
        self.packets(reply, allowed)
        self.verdict(reply, case.expected)
        self.next_good(allowed)
        if reply.code == "fetch_timeout":
            self.forgiven(reply)
        return reply

    def forgiven(self, reply: Reply) -> None:
        """A host that lets several fetches run out is left alone: the next case must still reach it."""
        assert "left alone" not in reply.body, "the case was not tried"
        assert self.world.get("http://public.test/red").status == 200

    def verdict(self, reply: Reply, expected: Verdicts) -> None:
        found = (reply.status, reply.code or reply.label)
        assert found in expected, f"{found}: {reply.body}"
        if reply.code == "blocked_address":
            self.refusals.add(_nameless(reply))

    def packets(self, reply: Reply, allowed: Iterable[str] = ()) -> None:
        strays = reply.hosts() - set(allowed) - GOOD
        assert not strays, f"packets went to {sorted(strays)}"
        assert not reply.tripped, f"connections were made to {reply.tripped}"

    def next_good(self, allowed: Iterable[str] = ()) -> None:
        """The next good picture is answered as ever; what the case sent late is seen here."""
        color = next(self._colors)
        reply = self.world.get(f"http://good.test/{color}")
        assert (reply.status, reply.label) == (200, color), f"the next good picture: {reply.body}"
        self.packets(reply, allowed)


def _nameless(reply: Reply) -> str:
    """A whole refusal but for the job's id, and the headers that change from one to the next."""
    job = reply.json["error"]["job"]
    body = reply.body.replace(f'"{job}"' if job else "null", "JOB")
    own = {"date", "x-request-id", "content-length"}
    headers = sorted(f"{k}: {v}" for k, v in reply.headers.items() if k not in own)
    return "\n".join([str(reply.status), *headers, body])
