"""Who leads among several balancers: `state/leader.json`. How it is held is `balancer.leader`."""

from wire.messages import Message

KEY = "state/leader.json"


class Lease(Message):
    """What `state/leader.json` holds. `holder` is None once it was given back; `seconds` its length."""

    holder: str | None = None
    epoch: int
    beat: int = 0
    seconds: float
