"""Where a picture's bytes are: behind a URL, in a bucket, or in the store when a client sent them."""

import re
from collections.abc import Awaitable, Callable

from wire import inputs, names, urls
from wire.errors import BodyTooLarge, InvalidUrl, UnsupportedScheme
from wire.store import Store

UPLOAD = re.compile(re.escape(names.upload_key("")) + r"[A-Za-z0-9_-]{1,64}")

Download = Callable[[str], Awaitable[bytes]]
"""URL to body; raises a `wire.errors` error."""


class NotKept(InvalidUrl):
    """The upload is in the store no more: whoever read its answer removed it, or it never was."""

    message = "The uploaded picture is not kept any more; send it again."


async def no_inputs(url: str) -> bytes:  # noqa: ARG001
    """For a worker that reads no bucket but its own."""
    raise UnsupportedScheme


def source(image_url: str) -> str:
    """Whom its bytes come from, to count by: a host and its port, or a bucket. "" for uploads."""
    return inputs.bucket(image_url) if inputs.is_input(image_url) else urls.place(image_url)


class Pictures:
    """Gets bytes.

    Args:
        download: for http and https.
        store: for uploads.
        max_bytes: bytes that a picture may have.
        inputs: for s3, whose buckets it judges anew.
    """

    def __init__(
        self, download: Download, store: Store, max_bytes: int, inputs: Download = no_inputs
    ) -> None:
        self._download = download
        self._store = store
        self._max_bytes = max_bytes
        self._inputs = inputs

    async def get(self, image_url: str) -> bytes:
        """The picture's bytes; raises what `download` and `inputs` raise.

        Raises:
            NotKept: an upload that is not in the store.
            InvalidUrl: a key that holds something else.
            BodyTooLarge: an upload over the limit.
            QueueUnavailable: the store cannot be reached.
        """
        if inputs.is_input(image_url):
            return await self._inputs(image_url)
        key = names.uploaded(image_url)
        return await self._download(image_url) if key is None else await self._upload(key)

    async def _upload(self, key: str) -> bytes:
        if not UPLOAD.fullmatch(key):
            raise InvalidUrl
        data = await self._store.get(key)
        if data is None:
            raise NotKept
        if len(data) > self._max_bytes:
            raise BodyTooLarge
        return data
