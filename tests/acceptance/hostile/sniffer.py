"""Sees every packet that opens something: each TCP SYN, each datagram, with where it wanted to go."""

import ctypes
import ipaddress
import socket
import struct
from typing import NamedTuple

ETH_P_ALL, SOL_PACKET, PACKET_STATISTICS, SO_ATTACH_FILTER = 0x0003, 263, 6, 26
PACKET_OUTGOING = 4
IPV4, IPV6, TCP, UDP, ICMP, ICMPV6 = 0x0800, 0x86DD, 6, 17, 1, 58
SYN, ACK = 0x02, 0x10

# Classic BPF over the network header: all but TCP segments without SYN, and those with SYN and ACK.
_PROGRAM = (
    (0x30, 0, 0, 0),  # A = first byte
    (0x74, 0, 0, 4),  # A >>= 4: the IP version
    (0x15, 0, 5, 4),  # not 4: to the IPv6 part
    (0x30, 0, 0, 9),  # A = protocol
    (0x15, 0, 9, TCP),  # not TCP: take it
    (0xB1, 0, 0, 0),  # X = header length
    (0x50, 0, 0, 13),  # A = TCP flags
    (0x05, 0, 0, 4),  # to the judgment of flags
    (0x15, 0, 5, 6),  # not 6 either: take it
    (0x30, 0, 0, 6),  # A = next header
    (0x15, 0, 3, TCP),  # not TCP: take it
    (0x30, 0, 0, 53),  # A = TCP flags behind 40 bytes
    (0x54, 0, 0, SYN | ACK),
    (0x15, 0, 1, SYN),  # not SYN alone: drop it
    (0x06, 0, 0, 0x40000),
    (0x06, 0, 0, 0),
)


class Packet(NamedTuple):
    """What one packet was for."""

    protocol: str
    address: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.protocol} {host}:{self.port}"


class Sniffer:
    """Listens on `lo`, which is the only way there is."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        _attach(self._socket)
        self._socket.bind(("lo", ETH_P_ALL))
        self._socket.setblocking(False)

    def take(self) -> list[Packet]:
        """The packets since the last look.

        Raises:
            RuntimeError: some were lost before they were looked at; then nothing is proved.
        """
        found = []
        while True:
            try:
                data, (_, _, kind, _, _) = self._socket.recvfrom(128)
            except BlockingIOError:
                break
            if kind != PACKET_OUTGOING and (packet := parse(data)):
                found.append(packet)
        _, lost = struct.unpack("II", self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        if lost:
            raise RuntimeError(f"the sniffer lost {lost} packets")
        return found


def parse(data: bytes) -> Packet | None:
    """The destination of a packet; None for ICMP, with which the kernel answers by itself."""
    if data[0] >> 4 == 4:
        protocol, address, payload = data[9], data[16:20], data[(data[0] & 15) * 4 :]
    else:
        protocol, address, payload = data[6], data[24:40], data[40:]
    if protocol in {ICMP, ICMPV6}:
        return None
    name = {TCP: "tcp", UDP: "udp"}.get(protocol, f"protocol {protocol}")
    port = struct.unpack("!H", payload[2:4])[0] if protocol in {TCP, UDP} else 0
    return Packet(name, str(ipaddress.ip_address(address)), port)


def _attach(sniffing: socket.socket) -> None:
    code = b"".join(struct.pack("HBBI", *step) for step in _PROGRAM)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HL", len(_PROGRAM), ctypes.addressof(buffer))
    sniffing.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
