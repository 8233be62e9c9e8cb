"""Who may come in: only holders of keys, or everybody."""

import hashlib
import secrets
from dataclasses import replace
from typing import Protocol

from api.access.callers import EVERYTHING, Caller
from wire.errors import Unauthorized


class Policy(Protocol):
    """What the setting `access` chooses."""

    @property
    def needs_keys(self) -> bool:
        """Whether nothing works before the keys were read once."""

    def stranger(self, address: str) -> Caller:
        """Somebody who shows no key.

        Raises:
            Unauthorized: he is not served.
        """

    def holder(self, caller: Caller) -> Caller:
        """Somebody whose key is good."""


class HoldersOnly:
    """`access=keys`: a key for everything, and the scope that it needs."""

    needs_keys = True

    def stranger(self, address: str) -> Caller:  # noqa: ARG002
        raise Unauthorized

    def holder(self, caller: Caller) -> Caller:
        return caller


class Public:
    """`access=public`: everybody may do everything. A key still tells who asks, for limits and fairness.

    A stranger's group is a keyed hash of his address: the queue need not know addresses. The key is this
    process's own, so that the same address is another group at another replica.
    """

    needs_keys = False

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def stranger(self, address: str) -> Caller:
        digest = hashlib.blake2b(address.encode(), key=self._key, digest_size=8)
        return Caller("", EVERYTHING, f"address-{digest.hexdigest()}")

    def holder(self, caller: Caller) -> Caller:
        return replace(caller, scopes=EVERYTHING)
