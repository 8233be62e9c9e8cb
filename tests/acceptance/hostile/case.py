"""One line of the tables: what is asked, what must come of it, whom packets may reach meanwhile."""

from dataclasses import dataclass

from tests.acceptance.hostile import zone

BLOCKED = ((403, "blocked_address"),)
PORT = ((403, "blocked_port"),)
INVALID = ((400, "invalid_url"),)
SCHEME = ((400, "unsupported_scheme"),)
CREDENTIALS = ((400, "credentials_in_url"),)
RED = ((200, "red"),)
UNREACHABLE = ((502, "upstream_unreachable"),)
PROTOCOL = ((502, "upstream_protocol"),)
STATUS = ((502, "upstream_status"),)
INCOMPLETE = ((502, "incomplete_body"),)
REDIRECTS = ((502, "too_many_redirects"),)
TIMEOUT = ((504, "fetch_timeout"),)
TOO_LARGE = ((413, "body_too_large"),)
PIXELS = ((413, "too_many_pixels"),)
FORMAT = ((415, "unsupported_format"),)
IMAGE = ((422, "invalid_image"),)
CRASHED = ((422, "decoder_crashed"),)
PARAMETER = ((400, "invalid_parameter"),)

Verdicts = tuple[tuple[int, str], ...]
"""Statuses, each with the error's code or, for 200, the label. More than one where either is right."""


@dataclass(frozen=True)
class Case:
    """A URL to be classified."""

    id: str
    url: str
    expected: Verdicts
    reach: tuple[str, ...] = ()


def reached(*addresses: str, port: int = 80) -> frozenset[str]:
    """Packets to these, as the sniffer shows them."""
    return frozenset(f"tcp {f'[{a}]' if ':' in a else a}:{port}" for a in addresses)


def never(name: str, url: str, expected: Verdicts = BLOCKED) -> Case:
    """A case in which no packet may go anywhere."""
    return Case(name, url, expected)


def public(name: str, url: str, expected: Verdicts) -> Case:
    """A case in which the public origins may be reached, and nobody else."""
    return Case(name, url, expected, (zone.PUBLIC, zone.PUBLIC_2, zone.PUBLIC_V6))
