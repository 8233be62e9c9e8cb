"""A name server whose answers are a table: over UDP and TCP, TTL 0, a script of answers for each name."""

import asyncio
import contextlib
import ipaddress
import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

A, CNAME, AAAA = 1, 5, 28
NOERROR, FORMERR, SERVFAIL, NXDOMAIN = 0, 1, 2, 3
UDP_ROOM = 512


@dataclass(frozen=True)
class Answers:
    """What a name answers at one look-up: both kinds of address, behind `cname` where there is one."""

    addresses: tuple[str, ...] = ()
    cname: str | None = None
    code: int = NOERROR
    silent: bool = False
    garbage: bool = False


Zone = Mapping[str, tuple[Answers, ...]]
"""A name to its answers, one look-up after another; the last one stays. `*` is all other names."""


class NameServer:
    """Answers by the zone, and keeps what it was asked."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._asked: Counter[tuple[str, int]] = Counter()
        self.names: list[str] = []

    async def listen(self, address: str) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=(address, 53))
        await asyncio.start_server(self._stream, address, 53)

    def reply(self, query: bytes, room: int) -> bytes | None:
        """The reply to a query; truncated to its header where it has no room; None is silence."""
        name, kind, question = _question(query)
        self.names.append(name)
        script = self._zone.get(name) or self._zone["*"]
        found = script[min(self._asked[name, kind], len(script) - 1)]
        self._asked[name, kind] += 1
        if found.silent:
            return None
        if found.garbage:
            return query[:2] + b"\xff" * 40
        records = _records(found, kind)
        body = b"".join(records)
        if 12 + len(question) + len(body) > room:
            return query[:2] + struct.pack("!HHHHH", 0x8780, 1, 0, 0, 0) + question
        flags = 0x8580 | found.code
        return query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question + body

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                reply = self.reply(await reader.readexactly(length), 65535)
                if reply is not None:
                    writer.write(struct.pack("!H", len(reply)) + reply)
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple) -> None:
        if (reply := self._server.reply(data, UDP_ROOM)) is not None:
            self._transport.sendto(reply, address)


def _question(query: bytes) -> tuple[str, int, bytes]:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("latin-1").lower())
        at += 1 + query[at]
    (kind,) = struct.unpack("!H", query[at + 1 : at + 3])
    return ".".join(labels), kind, query[12 : at + 5]


def _records(found: Answers, kind: int) -> list[bytes]:
    records = []
    owner = b"\xc0\x0c"
    if found.cname is not None:
        records.append(_record(owner, CNAME, _name(found.cname)))
        owner = _name(found.cname)
    for text in found.addresses:
        address = ipaddress.ip_address(text)
        if {4: A, 6: AAAA}[address.version] == kind:
            records.append(_record(owner, kind, address.packed))
    return records


def _record(owner: bytes, kind: int, data: bytes) -> bytes:
    return owner + struct.pack("!HHIH", kind, 1, 0, len(data)) + data


def _name(text: str) -> bytes:
    labels = [label.encode() for label in text.split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
