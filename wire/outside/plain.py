"""The heads that most origins send for a picture, read without more ado.

It says nothing that h11 would not: whatever leaves a doubt, or merely is not usual, is left to h11.
"""

import re
from typing import NamedTuple

# Status line, fields with a colon right behind their names, no folding, the empty line: RFC 9112, 4 and 5.
HEAD = re.compile(
    rb"HTTP/1\.1 200 [ -~]*\r\n((?:[0-9A-Za-z!#$%&'*+.^_`|~-]+:[\t -~\x80-\xff]*\r\n)+)\r\n"
)
FIELD = re.compile(rb"([^:\r\n]+):([^\r\n]*)\r\n")  # in linear time, whatever a value is made of
LENGTH = re.compile(rb"[0-9]{1,15}")
LENGTHS = b"content-length"
# They change where an answer ends, or whether another one may follow.
DOUBTFUL = frozenset({b"transfer-encoding", b"connection", b"upgrade", b"trailer"})


class Head(NamedTuple):
    """Status, and headers in their order, their names in lower case."""

    status: int
    headers: list[tuple[bytes, bytes]]


class Plain(NamedTuple):
    """A head that takes `size` bytes, before a body of `length`."""

    head: Head
    size: int
    length: int


def plain(data: bytes) -> Plain | None:
    """The head that an answer to a GET begins with; None: ask h11."""
    found = HEAD.match(data)
    if found is None:
        return None
    headers = [(name.lower(), value.strip(b" \t")) for name, value in FIELD.findall(found[1])]
    names = [name for name, _ in headers]
    if names.count(LENGTHS) != 1 or not DOUBTFUL.isdisjoint(names):
        return None
    length = dict(headers)[LENGTHS]
    if not LENGTH.fullmatch(length):
        return None
    return Plain(Head(200, headers), found.end(), int(length))
