"""Client tokens: the same launch always has the same one, no two launches ever share one.

EC2 takes at most 64 ASCII characters, and with the same token and parameters it answers what it
answered before instead of launching again, for at least 24 hours
(docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html).
"""

import hashlib

from balancer.fleet import Order
from balancer.fleets.ec2.pools import Pool

LONGEST = 64


def client_token(scope: str, order: Order, role: str, slot: int, attempt: int, pool: Pool) -> str:
    """The token of one call.

    Args:
        scope: what tells this deployment apart from another in the same account.
        order: its epoch and tick.
        role: what the instances are to be; workers and standbys are launched in the same tick.
        slot: which part of the order, from 0.
        attempt: how many calls the tick has made for it before.
        pool: where from.
    """
    place = (scope, role, pool.kind, pool.subnet or "", pool.market)
    mark = hashlib.blake2b("\0".join(place).encode(), digest_size=8).hexdigest()
    token = f"cc-{order.epoch}-{order.tick}-{slot}-{attempt}-{mark}"
    if len(token) > LONGEST:
        raise ValueError(f"client token {token} is longer than {LONGEST} characters")
    return token
