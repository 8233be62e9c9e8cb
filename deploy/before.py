"""What a stack was given, as a change of it takes that over. Pure."""

from deploy.formation import Stack
from deploy.shape import HOST, SQS
from deploy.stages import counts


def given_before(stack: Stack | None) -> dict[str, str]:
    """Its parameters; none where it does not stand, and what is made has the template's defaults.

    A single host from before there was a choice stays with SQS: jobs are not moved for an upgrade.
    """
    if stack is None or not counts(stack.status):
        return {}
    given = dict(stack.parameters)
    if given.get("Profile") == HOST:
        given.setdefault("HostQueue", SQS)
    return given
