"""Where a picture's bytes are: behind a URL, or in the store when a client sent them."""

import re
from collections.abc import Awaitable, Callable

from wire import names
from wire.errors import BodyTooLarge, InvalidUrl
from wire.store import Store

UPLOAD = re.compile(re.escape(names.upload_key("")) + r"[A-Za-z0-9_-]{1,64}")

Download = Callable[[str], Awaitable[bytes]]
"""URL to body; raises a `wire.errors` error."""


class NotKept(InvalidUrl):
    """The upload is in the store no more: whoever read its answer removed it, or it never was."""

    message = "The uploaded picture is not kept any more; send it again."


class Pictures:
    """Gets bytes.

    Args:
        download: for http and https.
        store: for uploads.
        max_bytes: bytes that a picture may have.
    """

    def __init__(self, download: Download, store: Store, max_bytes: int) -> None:
        self._download = download
        self._store = store
        self._max_bytes = max_bytes

    async def get(self, image_url: str) -> bytes:
        """The picture's bytes; raises what `download` raises.

        Raises:
            NotKept: an upload that is not in the store.
            InvalidUrl: a key that holds something else.
            BodyTooLarge: an upload over the limit.
            QueueUnavailable: the store cannot be reached.
        """
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
