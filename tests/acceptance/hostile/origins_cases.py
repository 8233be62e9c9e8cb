"""Origins that misbehave on honest addresses."""

from tests.acceptance.hostile import behaviors, zone
from tests.acceptance.hostile.case import (
    FORMAT,
    IMAGE,
    INCOMPLETE,
    PROTOCOL,
    RED,
    STATUS,
    TIMEOUT,
    TOO_LARGE,
    UNREACHABLE,
    Case,
    Verdicts,
    public,
)

_DIFFERENT: dict[str, Verdicts] = {
    "/empty": FORMAT,
    "/length-too-long": INCOMPLETE,
    "/length-too-short": IMAGE,
    "/length-huge": TOO_LARGE + PROTOCOL,
    "/chunk-cut": INCOMPLETE,
    "/chunk-huge": TOO_LARGE + PROTOCOL + INCOMPLETE,
    "/smuggled": PROTOCOL + INCOMPLETE,
    "/continue-flood": PROTOCOL + TIMEOUT,
    "/reset-midway": INCOMPLETE,
    "/status-101": STATUS + PROTOCOL,
    "/http-9.9": PROTOCOL + RED,
    "/gzip-bomb-nested": PROTOCOL,
    "/gzip-bomb-hidden": FORMAT,
    "/gzip-members": RED,
    "/gzip-cut": INCOMPLETE,
    "/gzip-not": PROTOCOL,
    "/br-not": PROTOCOL,
    "/zstd": PROTOCOL,
    "/coding-stack": PROTOCOL,
    "/coding-invented": PROTOCOL,
}
_NOT_ALONE = {"/red", "/green", "/blue", "/redirect", "/hops", "/hop-too-long", "/png-bomb"}


def _cases(paths: dict[str, behaviors.Behavior], usual: Verdicts) -> list[Case]:
    return [
        public(f"origin-{path[1:]}", f"http://public.test{path}", _DIFFERENT.get(path, usual))
        for path in paths
        if path not in _NOT_ALONE
    ]


TLS = [
    public("tls-wrong-name", "https://wrong-name.test/red", PROTOCOL),
    public("tls-expired", "https://expired.test/red", PROTOCOL),
    public("tls-no-name", f"https://{zone.PUBLIC}/red", PROTOCOL),
    Case("tls-self-signed", "https://self-signed.test/red", PROTOCOL, (zone.SELF_SIGNED,)),
    Case("tls-none", "https://no-tls.test/red", PROTOCOL, (zone.NO_TLS,)),
    Case("connection-refused", "https://closed.test/red", UNREACHABLE, (zone.CLOSED,)),
]

ALL: list[Case] = (
    _cases(behaviors.GOOD, RED)
    + _cases(behaviors.STATUSES, STATUS)
    + _cases(behaviors.BROKEN, PROTOCOL)
    + _cases(behaviors.LARGE, TOO_LARGE)
    + _cases(behaviors.SLOW, TIMEOUT)
    + TLS
)
