"""What a job is called: by its client, and everywhere else.

A client's own names are its own: another client's job of the same name is another job. Within the service, in
keys, messages and logs, a job has one id, which no other job has. Ids that nobody guesses stay as they are.
"""

import hashlib
import re
import uuid

from wire.errors import InvalidParameter, JobNotFound

GIVEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OURS = re.compile(r"own-[0-9a-f]{40}|bulk-[0-9a-f]{32}")
RULE = "id: 1 to 64 of A-Z, a-z, 0-9, _ and -, other than the ids that we give."


def fresh() -> str:
    """An id for a job that its client has not named."""
    return str(uuid.uuid4())


def named(client: str, given: str) -> str:
    """The id of what this client wants to call so.

    Raises:
        InvalidParameter: it is no name, or could be another client's job.
    """
    if not GIVEN.fullmatch(given) or _OURS.fullmatch(given):
        raise InvalidParameter(RULE)
    if _UUID.fullmatch(given):
        return given
    # A client's name has no line break, so that no two pairs are one.
    pair = f"{client}\n{given}"
    return f"own-{hashlib.sha256(pair.encode()).hexdigest()[:40]}"


def sought(client: str, given: str) -> str:
    """The id of what this client calls so, whether the name is its own or was given to it.

    Raises:
        JobNotFound: nothing is called so.
    """
    if _OURS.fullmatch(given):
        return given
    if not GIVEN.fullmatch(given):
        raise JobNotFound
    return named(client, given)


def again(uuid_: str) -> str:
    """The id of the job that a retry of this one makes: the same however often that is asked for."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"retry of {uuid_}"))
