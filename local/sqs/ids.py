"""Ids that nobody has had: of messages and of requests."""

import os


def unique() -> str:
    """A random UUID of version 4 (RFC 9562, 5.4) as text; making the object takes four times as long."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
