"""A webhook's signature: Standard Webhooks 1.0, "Signature scheme", symmetric.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence


def signed(keys: Sequence[bytes], name: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers.

    Args:
        keys: a signature with each; while secrets are exchanged there are two.
        name: of this message: the same whenever it is sent again.
        seconds: since the epoch, when it is sent.
        body: as it is sent.
    """
    content = f"{name}.{seconds}.".encode() + body
    signatures = [hmac.new(key, content, hashlib.sha256).digest() for key in keys]
    texts = [f"v1,{base64.b64encode(each).decode()}" for each in signatures]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(texts),
    }
