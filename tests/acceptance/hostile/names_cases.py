"""Names and redirects that lead astray: what a URL's text does not show."""

from urllib.parse import quote

from tests.acceptance.hostile import zone
from tests.acceptance.hostile.addresses_cases import bracketed
from tests.acceptance.hostile.case import (
    BLOCKED,
    CREDENTIALS,
    PORT,
    PROTOCOL,
    RED,
    REDIRECTS,
    SCHEME,
    STATUS,
    TIMEOUT,
    UNREACHABLE,
    Case,
    never,
    public,
)

RESOLVED = [
    never(f"name-of-{name}", f"http://{name}.refused.test/red") for name in zone.REFUSED
] + [
    never("name-tls", "https://private-10.refused.test/red"),
    never("name-one-private-of-three", "http://one-of-many.test/red"),
    never("name-private-first", "http://first-of-many.test/red"),
    never("name-v4-public-v6-private", "http://v4-public-v6-private.test/red"),
    never("name-v4-private-v6-public", "http://v4-private-v6-public.test/red"),
    never("name-v4-public-v6-mapped", "http://v4-public-v6-mapped.test/red"),
    never("name-one-private-of-hundred", "http://hundred-one-private.test/red"),
    never("alias-of-private", "http://alias-of-private.test/red"),
    never("alias-of-localhost", "http://alias-of-localhost.test/red"),
    never("alias-of-metadata", "http://alias-of-metadata.test/latest/meta-data/"),
    never("metadata-by-name", "http://metadata.google.internal/computeMetadata/v1/"),
]

NOWHERE = [
    never("name-unknown", "http://nothing.test/red", UNREACHABLE),
    never("name-single-label", "http://intranet/red", UNREACHABLE),
    never("name-without-address", "http://empty.test/red", UNREACHABLE),
    never("name-servfail", "http://servfail.test/red", UNREACHABLE),
    never("name-alias-of-itself", "http://alias-of-itself.test/red", UNREACHABLE),
    never("name-alias-of-nothing", "http://alias-of-nothing.test/red", UNREACHABLE),
    never("name-silent", "http://silent.test/red", UNREACHABLE + TIMEOUT),
    never("name-garbage", "http://garbage.test/red", UNREACHABLE + TIMEOUT),
    Case("host-silent", "http://full.test/red", UNREACHABLE + TIMEOUT, (zone.FULL,)),
]

PUBLIC = [
    public("public", "http://public.test/red", RED),
    public("public-v6", "http://v6.test/red", RED),
    public("public-both", "http://both.test/red", RED),
    public("public-alias", "http://alias.test/red", RED),
    public("public-tls", "https://tls.test/red", RED),
    public("public-literal", f"http://{zone.PUBLIC}/red", RED),
    public("public-literal-v6", f"http://[{zone.PUBLIC_V6}]/red", RED),
    public("public-decimal", "http://1572395048/red", RED),
    public("public-capital", "HTTP://PUBLIC.TEST/red", RED),
    public("public-final-dot", "http://public.test./red", RED),
    public("public-empty-port", "http://public.test:/red", RED),
    public("public-own-port", "http://public.test:80/red", RED),
    public("public-international", "http://bücher.test/red", RED),
    public("public-zero-width", "http://pub\u200blic.test/red", RED),
    public("public-fragment", "http://public.test/red#@10.0.0.1/", RED),
    public("public-2048-bytes", "http://public.test/red?".ljust(2048, "a"), RED),
]


def _to(target: str, status: int = 302, host: str = "public.test") -> str:
    return f"http://{host}/redirect?status={status}&to={quote(target, safe='')}"


_PRIVATE = ("loopback", "private-10", "metadata", "v6-loopback", "v6-nat64", "v6-mapped-loopback")
TO_PRIVATE = (
    [
        public(f"redirect-to-{name}", _to(f"http://{bracketed(zone.REFUSED[name])}/red"), BLOCKED)
        for name in _PRIVATE
    ]
    + [
        public(f"redirect-to-name-of-{name}", _to(f"http://{name}.refused.test/red"), BLOCKED)
        for name in _PRIVATE
    ]
    + [
        public(f"redirect-{status}-to-private", _to("http://10.1.2.3/", status), BLOCKED)
        for status in (301, 303, 307, 308)
    ]
)
ELSEWHERE = [
    public(f"redirect-{name}", _to(target), expected)
    for name, target, expected in (
        ("to-decimal", "http://2130706433/", BLOCKED),
        ("to-circled", "http://%E2%91%A0%E2%91%A1%E2%91%A6.1/", BLOCKED),
        ("to-localhost", "http://localhost/", BLOCKED),
        ("to-mixed-name", "http://one-of-many.test/", BLOCKED),
        ("to-private-tls", "https://10.1.2.3/", BLOCKED),
        ("to-private-port", "http://10.1.2.3:6379/", BLOCKED),
        ("two-slashes", "//10.1.2.3/", BLOCKED),
        ("by-way-of-another", _to("http://10.1.2.3/", host="other.test"), BLOCKED),
        ("hidden-by-fragment", "http://10.1.2.3#@public.test/", BLOCKED),
        ("to-user", "http://public.test@10.1.2.3/", CREDENTIALS),
        ("to-public-user", "http://user:secret@other.test/red", CREDENTIALS),
        ("to-port", "http://other.test:6379/", PORT),
        ("to-ssh", "//other.test:22/", PORT),
        ("to-file", "file:///etc/passwd", SCHEME),
        ("to-gopher", "gopher://127.0.0.1:6379/_INFO", SCHEME),
        ("to-data", "data:image/png;base64,iVBORw0KGgo=", SCHEME),
        ("to-javascript", "javascript:alert(1)", SCHEME),
        ("to-upload", "upload:uploads/00000000-0000-0000-0000-000000000000", SCHEME),
        ("backslashes", "\\\\10.1.2.3\\", PROTOCOL),
        ("slash-backslash", "/\\10.1.2.3/", PROTOCOL),
        ("backslash-user", "http://10.1.2.3\\@public.test/", PROTOCOL),
        ("three-slashes", "http:///10.1.2.3/", PROTOCOL + STATUS),
        ("tab", "http://10.1\t.2.3/", PROTOCOL),
        ("no-host", "http://", PROTOCOL + REDIRECTS),
        ("bad-port", "http://public.test:99999/", PROTOCOL),
        ("empty", "", STATUS),
        ("to-itself", "/redirect?to=" + quote("/redirect?to=/hops%3F9", safe=""), REDIRECTS),
        ("relative", "red", RED),
        ("absolute-path", "/red", RED),
        ("dots", "../../../red", RED),
        ("other-host", "http://other.test/red", RED),
        ("other-host-two-slashes", "//other.test/red", RED),
        ("to-tls", "https://tls.test/red", RED),
        ("to-v6", "http://v6.test/red", RED),
    )
] + [
    public("redirect-5-hops", "http://public.test/hops?5", RED),
    public("redirect-6-hops", "http://public.test/hops?6", REDIRECTS),
    public("redirect-too-long", "http://public.test/hop-too-long", PROTOCOL),
    public("redirect-from-tls", "https://tls.test/redirect?to=http%3A%2F%2F10.1.2.3%2F", BLOCKED),
    public("redirect-300-to-private", _to("http://10.1.2.3/", 300), STATUS),
    public("redirect-305-to-private", _to("http://10.1.2.3/", 305), STATUS),
]

ALL: list[Case] = RESOLVED + NOWHERE + PUBLIC + TO_PRIVATE + ELSEWHERE
