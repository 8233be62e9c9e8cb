"""Questions with an Idempotency-Key: from the route's parameters to the key's job."""

from dataclasses import replace

from starlette.requests import Request

from api.client import Client
from api.idempotency.replays import Begun, Idempotency, fingerprint
from api.submit import Options, Submitter
from api.uploads import Uploads, digest
from wire.errors import QueueUnavailable
from wire.messages import Answer
from wire.names import upload_key, upload_url


class Keyed:
    """Asks as `Submitter` does, once for each key of a caller; raises what it raises, and
    IdempotencyMismatch. `caller` is the client's name, empty for somebody without a key."""

    def __init__(self, submitter: Submitter, uploads: Uploads, idempotency: Idempotency) -> None:
        self._submitter = submitter
        self._uploads = uploads
        self._idempotency = idempotency

    async def by_url(
        self, caller: str, key: str, url: str, options: Options, client: Client
    ) -> Answer:
        """What is in the picture under this URL."""
        # What is refused without a job leaves no mark: mended, it may come again under the same key.
        self._submitter.judge(url, options)
        asked = fingerprint(f"url:{url}", options)
        begun = await self._idempotency.begin(caller, key, asked, client.group)
        each = replace(options, persist="each")

        async def ask(name: str, told: Client) -> Answer:
            return await self._submitter.by_url(url, each, told, name)

        return await self._idempotency.finish(begun, url, client, ask)

    async def by_bytes(
        self, caller: str, key: str | None, request: Request, options: Options, client: Client
    ) -> Answer:
        """What is in the picture that is this request's body; without a key, whenever that is asked."""
        self._submitter.admit(options, client.group)
        if key is None:
            name = await self._uploads.keep(request, client.group)
            return await self._submitter.by_upload(name, options, client)
        begun = await self._kept(caller, key, request, options, client.group)
        each = replace(options, persist="each")

        async def ask(name: str, told: Client) -> Answer:
            if (
                name != begun.claim.uuid
            ):  # the key was another's meanwhile; the picture has the old id
                raise QueueUnavailable
            return await self._submitter.by_kept_upload(name, each, told)

        image_url = upload_url(upload_key(begun.claim.uuid))
        return await self._idempotency.finish(begun, image_url, client, ask)

    async def _kept(
        self, caller: str, key: str, request: Request, options: Options, group: str | None
    ) -> Begun:
        begun: Begun | None = None

        async def name(picture: bytes) -> str | None:
            nonlocal begun
            asked = fingerprint(f"sha256:{digest(picture)}", options)
            begun = await self._idempotency.begin(caller, key, asked, group)
            return begun.claim.uuid if begun.may_send else None

        try:
            await self._uploads.offer(request, name, group)
        except BaseException:
            if begun is not None:
                await self._idempotency.abandon(begun)
            raise
        assert begun is not None  # noqa: S101
        return begun
