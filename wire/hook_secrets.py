"""`state/webhooks.json`: with which secrets webhooks are signed, for each client apart.

Written by `classifycloud webhooks`, read by every replica of the front end. Signing needs the secret
itself: no hash would do, and whoever can read this object can sign. Those without a key share the secrets
of the empty name. Document and time in, document out.
"""

import base64
import secrets
from typing import Self

from pydantic import Field

from wire.messages import Message, Part

KEY = "state/webhooks.json"
PREFIX = "whsec_"  # Standard Webhooks, "Symmetric"
BYTES = 32


class HookSecret(Part):
    """One secret: `whsec_` and base64. Times in seconds since the epoch; from `until` on it signs no more."""

    text: str = Field(pattern=r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$", repr=False)
    made: float
    until: float | None = None

    def key(self) -> bytes:
        """What HMAC takes."""
        return base64.b64decode(self.text.removeprefix(PREFIX))


class HookSecrets(Message):
    """All clients' secrets, the newest first."""

    clients: dict[str, tuple[HookSecret, ...]] = Field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes | None) -> Self:
        """What was kept; nothing kept is nobody's.

        Raises:
            Undecodable: the object cannot be read.
        """
        return cls() if data is None else cls.decode(data)

    def live(self, client: str, now: float) -> tuple[HookSecret, ...]:
        """Those that sign for a client now, the newest first."""
        held = self.clients.get(client, ())
        return tuple(each for each in held if each.until is None or now < each.until)


def made(now: float) -> HookSecret:
    """A new one, from the system's source of randomness."""
    text = base64.b64encode(secrets.token_bytes(BYTES)).decode()
    return HookSecret(text=PREFIX + text, made=now)


def rotated(
    kept: HookSecrets, client: str, secret: HookSecret, now: float, overlap: float
) -> HookSecrets:
    """With one more secret for a client; those that it had sign beside it for `overlap` seconds more."""
    ends = now + overlap
    former = (
        each.model_copy(update={"until": ends if each.until is None else min(each.until, ends)})
        for each in kept.live(client, now)
    )
    still = (each for each in former if each.until is None or each.until > now)
    return _with(kept, client, (secret, *still))


def removed(kept: HookSecrets, client: str) -> HookSecrets:
    """Without a client's."""
    return _with(kept, client, ())


def _with(kept: HookSecrets, client: str, held: tuple[HookSecret, ...]) -> HookSecrets:
    clients = {name: each for name, each in kept.clients.items() if name != client}
    return kept.model_copy(update={"clients": clients | ({client: held} if held else {})})
