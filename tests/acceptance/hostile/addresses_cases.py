"""URLs that lead to refused addresses by their text, in every disguise; none may cause a packet."""

from tests.acceptance.hostile import zone
from tests.acceptance.hostile.case import (
    BLOCKED,
    CREDENTIALS,
    INVALID,
    PORT,
    SCHEME,
    Case,
    never,
)


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


PLAIN = [
    never(f"literal-{name}", f"http://{bracketed(address)}/red")
    for name, address in zone.REFUSED.items()
]

_HOSTS = {
    "decimal": "2130706433",
    "decimal-metadata": "2852039166",
    "hexadecimal": "0x7f000001",
    "hexadecimal-capital": "0X7F000001",
    "octal": "017700000001",
    "octal-parts": "0177.0.0.1",
    "octal-metadata": "0251.0376.0251.0376",
    "octal-with-many-zeros": "000000000000000000177.1",
    "mixed-bases": "0x7f.0.0.01",
    "two-parts": "127.1",
    "three-parts": "10.1.515",
    "hexadecimal-two-parts": "0x7f.1",
    "zero": "0",
    "hexadecimal-zero": "0x0",
    "hexadecimal-nothing": "0x",
    "final-dot": "127.0.0.1.",
    "circled-digits": "①②⑦.⓪.⓪.①",
    "fullwidth-digits": "１２７.０.０.１",
    "fullwidth-dots": "127．0．0．1",
    "ideographic-dots": "127。0。0。1",
    "arabic-zero-width": "127.0.0.\u200b1",
    "mathematical-digits": "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "percent-encoded": "%31%32%37%2e%30.0.1",
    "localhost": "localhost",
    "localhost-capital": "LocalHost",
    "localhost-final-dot": "localhost.",
    "localhost-below": "any.thing.localhost",
    "localhost-circled": "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "localhost-soft-hyphen": "local\u00adhost",
    "localhost-long-s": "localhoſt",
    "localhost-percent-encoded": "%6c%6fcalhost",
    "v6-written-out": "[0:0:0:0:0:0:0:1]",
    "v6-leading-zeros": "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "v6-mapped-hexadecimal": "[::ffff:7f00:1]",
    "v6-mapped-written-out": "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "v6-capital": "[FD00:EC2::254]",
    "v6-zone": "[fe80::1%25eth0]",
    "v6-zone-bare": "[fe80::1%eth0]",
    "v6-zone-loopback": "[::1%25lo]",
    "v6-zone-number": "[fe80::1%251]",
    "loopback-with-port": "127.0.0.1:80",
    "loopback-ssh": "127.0.0.1:22",
    "loopback-redis": "127.0.0.1:6379",
    "private-high-port": "10.1.2.3:8080",
}
DISGUISED = [never(f"disguised-{name}", f"http://{host}/red") for name, host in _HOSTS.items()]

TRICKS = [
    never("https-to-loopback", "https://127.0.0.1/"),
    never("scheme-in-capitals", "HTTP://127.0.0.1/"),
    never("fragment-hides-host", "http://10.0.0.1#@public.test/red"),
    never("query-hides-host", "http://10.0.0.1?@public.test/red"),
    never("empty-port", "http://10.0.0.1:/red"),
    never("path-of-dots", "http://10.0.0.1/../../red"),
    never("user-is-a-host", "http://public.test@10.0.0.1/", CREDENTIALS),
    never("user-and-password", "http://user:secret@public.test/red", CREDENTIALS),
    never("user-empty", "http://@public.test/red", CREDENTIALS),
    never("user-twice", "http://a@b@10.0.0.1/", CREDENTIALS),
    never("user-with-slash", "http://10.0.0.1%2f@public.test/red", CREDENTIALS),
    never("user-behind-wide-slash", "http://public.test／@10.0.0.1/", CREDENTIALS),
    never("backslash-user", "http://10.0.0.1\\@public.test/red", INVALID),
    never("backslash-path", "http://public.test\\@10.0.0.1/", INVALID),
    never("backslashes", "http:\\\\10.0.0.1\\", INVALID),
    never("wide-slash-in-host", "http://10.0.0.1／.public.test/red", INVALID),
    never("account-of-in-host", "http://public.test℀.evil/red", INVALID),
    never("nul-in-host", "http://public.test\0.evil/red", INVALID),
    never("nul-encoded", "http://public.test%00.evil/red", INVALID),
    never(
        "line-break-injects-header", "http://public.test/ HTTP/1.1\r\nHost: 10.1.2.3\r\n", INVALID
    ),
    never("line-break-encoded-in-host", "http://public.test%0d%0aX:y/red", INVALID),
    never("tab-in-host", "http://127.0\t.0.1/", INVALID),
    never("tab-in-scheme", "ht\ttp://127.0.0.1/", INVALID),
    never("leading-space", " http://127.0.0.1/", INVALID),
    never("space-in-host", "http://public.test 127.0.0.1/", INVALID),
    never("no-break-space", "http://127.0.0.1\u00a0/", INVALID),
    never("delete", "http://public.test/\x7f", INVALID),
    never("escape", "http://public.test/\x1b[0m", INVALID),
    never("next-line", "http://public.test/\x85", INVALID),
    never("line-separator", "http://public.test/\u2028", INVALID),
    never("no-character", "http://public.test/\uffff", INVALID),
    never("too-long", "http://public.test/" + "a" * 2030, INVALID),
    never("too-long-in-bytes", "http://public.test/" + "é" * 1015, INVALID),
    never("label-too-long", f"http://{'a' * 64}.test/red", INVALID),
    never("name-too-long", f"http://{'.'.join(['a' * 60] * 5)}/red", INVALID),
]

NO_URLS = [
    never(f"no-url-{name}", url, INVALID)
    for name, url in {
        "empty": "",
        "space": " ",
        "scheme-only": "http:",
        "no-host": "http://",
        "no-host-but-path": "http:///red",
        "no-host-but-port": "http://:80/red",
        "one-slash": "http:/public.test/red",
        "no-slash": "http:public.test/red",
        "no-scheme": "public.test/red",
        "scheme-relative": "//public.test/red",
        "path": "/etc/passwd",
        "dot": "http://./red",
        "dots": "http://../red",
        "leading-dot": "http://.public.test/red",
        "double-dot": "http://public..test/red",
        "two-final-dots": "http://public.test../red",
        "bracket-open": "http://[::1/red",
        "bracket-missing": "http://::1/red",
        "brackets-empty": "http://[]/red",
        "brackets-name": "http://[public.test]/red",
        "brackets-v4": "http://[127.0.0.1]/red",
        "brackets-and-more": "http://[::1].public.test/red",
        "brackets-future": "http://[v1.fe80::1]/red",
        "numbers-too-many": "http://1.2.3.4.5/red",
        "numbers-too-large": "http://256.256.256.256/red",
        "number-too-large": "http://4294967296/red",
        "port-zero": "http://public.test:0/red",
        "port-too-large": "http://public.test:65536/red",
        "port-negative": "http://public.test:-1/red",
        "port-text": "http://public.test:http/red",
        "port-twice": "http://public.test:80:80/red",
        "port-wide-digits": "http://public.test:８０/red",
    }.items()
]

SCHEMES = [
    never(f"scheme-{url.partition(':')[0]}", url, SCHEME)
    for url in (
        "file:///etc/passwd",
        "ftp://public.test/red",
        "gopher://127.0.0.1:6379/_INFO",
        "dict://127.0.0.1:11211/stats",
        "ldap://127.0.0.1/",
        "data:image/png;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
        "upload:uploads/00000000-0000-0000-0000-000000000000",
        "s3://classifycloud/records/",
        "ws://public.test/red",
        "unix:/var/run/docker.sock",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
        "jar:http://public.test/red!/",
        "view-source:http://public.test/red",
        "mailto:a@public.test",
    )
]

PORTS = [
    never(f"port-{port}", f"http://public.test:{port}/red", PORT)
    for port in (1, 22, 25, 79, 81, 6379, 8080, 8443, 9200, 65535)
]

ALL: list[Case] = PLAIN + DISGUISED + TRICKS + NO_URLS + SCHEMES + PORTS
assert all(case.expected != BLOCKED or not case.reach for case in ALL)
