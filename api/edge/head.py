"""What a request's head must be, beyond what its parser asks: judged before anything is done with it.

The parser refuses two lengths, a length beside chunks, bare line feeds and folded lines. What it lets
pass and two servers in a row may read differently is refused here.
"""

from collections.abc import Sequence

from wire.errors import InvalidRequest, ServiceError

BODILESS = {b"GET", b"HEAD"}
VERSIONS = {"1.0", "1.1"}


def fault(
    method: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]
) -> ServiceError | None:
    """Why this head is refused; None when it is not.

    Args:
        headers: names in lower case with their values.
    """
    if version not in VERSIONS:
        return InvalidRequest("This server speaks HTTP/1.1.")
    hosts = sum(name == b"host" for name, _ in headers)
    if hosts > 1 or (hosts == 0 and version == "1.1"):
        return InvalidRequest("A request needs one Host header (RFC 9112, 3.2).")
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if codings and (version == "1.0" or codings != [b"chunked"]):
        return InvalidRequest("The only transfer coding is chunked, and HTTP/1.1 is needed for it.")
    lengths = [value.strip() for name, value in headers if name == b"content-length"]
    if method in BODILESS and (codings or any(length.strip(b"0") for length in lengths)):
        # It has no meaning (RFC 9110, 9.3.1), and is how a second request is smuggled in.
        return InvalidRequest(f"A {method.decode()} request may not have a body.")
    return None
