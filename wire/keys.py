"""The text of an API key, and what of it may be kept: its hash and a hint.

A key is `ccloud_`, 32 random bytes in base64url (43 characters) and a checksum of both (6 characters).
The prefix lets secret scanners find one that was published, the checksum lets them and us tell a key
from a typing error without asking anybody. A fast hash is enough: nobody guesses 256 random bits,
and a slow one would be a way to keep the front end busy.
"""

import hashlib
import re
import secrets
import zlib
from base64 import urlsafe_b64encode

PREFIX = "ccloud_"
SECRET_BYTES = 32
HINT_LENGTH = len(PREFIX) + 8
_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}[A-Za-z0-9_-]{{6}}")
_CHECK_LENGTH = 6


def make() -> str:
    """A new key, from the system's source of randomness."""
    body = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    return body + _check(body)


def well_formed(text: str) -> bool:
    """Whether the text can be a key at all: shape and checksum. Says nothing about who knows it."""
    if _SHAPE.fullmatch(text) is None:
        return False
    return _check(text[:-_CHECK_LENGTH]) == text[-_CHECK_LENGTH:]


def hashed(key: str) -> str:
    """What is kept of a key: SHA-256 of its text, 64 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint(key: str) -> str:
    """What is shown of a key so that people can tell two apart: prefix and 8 of its characters.

    208 of its 256 bits stay unknown.
    """
    return key[:HINT_LENGTH]


def _check(body: str) -> str:
    crc = zlib.crc32(body.encode()).to_bytes(4, "big")
    return urlsafe_b64encode(crc).decode().rstrip("=")
