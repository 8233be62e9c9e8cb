"""What the S3 API calls a request, by its method and path: /bucket/key."""

from collections.abc import Mapping

_OBJECT = {
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "PUT": "PutObject",
    "DELETE": "DeleteObject",
    "POST": "PostObject",
}
_BUCKET = {
    "GET": "ListObjectsV2",
    "HEAD": "HeadBucket",
    "PUT": "CreateBucket",
    "DELETE": "DeleteBucket",
    "POST": "DeleteObjects",
}


def action(method: str, path: str, headers: Mapping[bytes, bytes]) -> str | None:
    """The action's name; None for a request that is none of S3's.

    CloudWatch is served on the same port, by POSTs to the root and actions in a header.
    """
    if path.strip("/") == "" or path.startswith("/_") or b"x-amz-target" in headers:
        return None
    names = _OBJECT if "/" in path.strip("/") else _BUCKET
    return names.get(method, method)
