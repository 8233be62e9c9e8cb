"""Where the names of this Internet lead, and which of its addresses are honest origins."""

from tests.acceptance.hostile.dns_server import NXDOMAIN, SERVFAIL, Answers

NAMESERVER = "192.0.2.53"
GOOD = "93.184.216.34"  # serves the good picture that follows each case, and nothing else
PUBLIC = "93.184.216.40"
PUBLIC_2 = "93.184.216.41"
PUBLIC_V6 = "2606:2800:220:1::40"
SELF_SIGNED = "93.184.216.42"
NO_TLS = "93.184.216.43"
FULL = "93.184.216.44"  # its backlog is full: SYNs are answered by nothing
CLOSED = "2606:2800:220:1::45"  # nobody listens on port 443 of IPv6
ORIGINS = frozenset({GOOD, PUBLIC, PUBLIC_2, PUBLIC_V6, SELF_SIGNED, NO_TLS, FULL, CLOSED})

# One of each kind that may never be dialed.
REFUSED = {
    "loopback": "127.0.0.1",
    "loopback-high": "127.255.255.254",
    "unspecified": "0.0.0.0",
    "this-network": "0.1.2.3",
    "private-10": "10.1.2.3",
    "private-172": "172.16.0.1",
    "private-172-end": "172.31.255.254",
    "private-192": "192.168.1.1",
    "cgnat": "100.64.0.1",
    "cgnat-end": "100.127.255.254",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "ecs-metadata": "169.254.170.2",
    "ietf": "192.0.0.8",
    "documentation-1": "192.0.2.1",
    "documentation-2": "198.51.100.1",
    "documentation-3": "203.0.113.1",
    "benchmark": "198.18.0.1",
    "multicast": "224.0.0.1",
    "multicast-high": "239.255.255.250",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "v6-loopback": "::1",
    "v6-unspecified": "::",
    "v6-private": "fd00:ec2::254",
    "v6-link-local": "fe80::1",
    "v6-site-local": "fec0::1",
    "v6-multicast": "ff02::1",
    "v6-documentation": "2001:db8::1",
    "v6-documentation-2": "3fff::1",
    "v6-discard": "100::1",
    "v6-mapped-loopback": "::ffff:127.0.0.1",
    "v6-mapped-metadata": "::ffff:169.254.169.254",
    "v6-mapped-public": "::ffff:93.184.216.40",
    "v6-translated": "::ffff:0:127.0.0.1",
    "v6-compatible": "::127.0.0.1",
    "v6-compatible-private": "::10.1.2.3",
    "v6-nat64": "64:ff9b::a9fe:a9fe",
    "v6-nat64-local": "64:ff9b:1::a00:1",
    "v6-6to4-loopback": "2002:7f00:1::",
    "v6-6to4-private": "2002:a01:203::1",
    "v6-teredo": "2001:0:a01:203::1",
    "v6-isatap": "2606:2800:220:1:0:5efe:a01:203",
    "v6-isatap-global": "2606:2800:220:1:200:5efe:a01:203",
    "v6-segment-routing": "5f00::1",
}


def _host(*addresses: str, **more: object) -> tuple[Answers, ...]:
    return (Answers(addresses, **more),)


ZONE = {
    **{f"{name}.refused.test": _host(address) for name, address in REFUSED.items()},
    "good.test": _host(GOOD),
    "public.test": _host(PUBLIC),
    "other.test": _host(PUBLIC_2),
    "v6.test": _host(PUBLIC_V6),
    "both.test": _host(PUBLIC, PUBLIC_V6),
    "xn--bcher-kva.test": _host(PUBLIC),
    "alias.test": _host(PUBLIC, cname="public.test"),
    "tls.test": _host(PUBLIC),
    "wrong-name.test": _host(PUBLIC),
    "expired.test": _host(PUBLIC),
    "self-signed.test": _host(SELF_SIGNED),
    "no-tls.test": _host(NO_TLS),
    "full.test": _host(FULL),
    "closed.test": _host(CLOSED),
    # Names that are private in part, at times, or by way of another.
    "one-of-many.test": _host(PUBLIC, PUBLIC_2, "10.1.2.3"),
    "first-of-many.test": _host("10.1.2.3", PUBLIC),
    "v4-public-v6-private.test": _host(PUBLIC, "fd00::1"),
    "v4-private-v6-public.test": _host("192.168.1.1", PUBLIC_V6),
    "v4-public-v6-mapped.test": _host(PUBLIC, "::ffff:10.1.2.3"),
    "alias-of-private.test": _host("10.1.2.3", cname="intranet.test"),
    "alias-of-localhost.test": _host("127.0.0.1", cname="localhost"),
    "alias-of-metadata.test": _host("169.254.169.254", cname="metadata.google.internal"),
    "metadata.google.internal": _host("169.254.169.254"),
    "hundred-one-private.test": _host(*(f"93.184.217.{n}" for n in range(1, 100)), "10.9.9.9"),
    "turns-private.test": (Answers((PUBLIC,)), Answers(("10.1.2.3",))),
    "turns-public.test": (Answers(("10.1.2.3",)), Answers((PUBLIC,))),
    "turns-private-v6.test": (Answers((PUBLIC_V6,)), Answers(("::1",))),
    "turns-at-redirect.test": (Answers((PUBLIC,)), Answers(("127.0.0.1",))),
    "turns-at-retry.test": (Answers((PUBLIC,)), Answers(("169.254.169.254",))),
    "third-time.test": (Answers((PUBLIC,)), Answers((PUBLIC,)), Answers(("10.1.2.3",))),
    # Names that lead nowhere.
    "empty.test": _host(),
    "servfail.test": _host(code=SERVFAIL),
    "silent.test": _host(silent=True),
    "garbage.test": _host(garbage=True),
    "alias-of-itself.test": _host(cname="alias-of-itself.test"),
    "alias-of-nothing.test": _host(cname="nothing.test"),
    "*": (Answers(code=NXDOMAIN),),
}
