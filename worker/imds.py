"""What EC2 tells an instance about itself: the instance metadata service, version 2.

Asked with a client of its own. The fetcher's guard refuses this address, and must: what is read here is
no picture, and no URL that a client sends may lead here.

Source: "Use the Instance Metadata Service to access instance metadata", Amazon EC2 User Guide.
"""

import anyio
import httpcore2

SECONDS = 2.0  # for one question; the service is on the same machine
TTL = 21600  # seconds; the longest that a token may live


class ImdsAway(Exception):
    """The service does not answer, or not as documented."""


class Imds:
    """Asks the service.

    Args:
        address: its scheme, host and port.
        seconds: that one question may take, with its token.
    """

    def __init__(self, address: str, seconds: float = SECONDS) -> None:
        self._address = address
        self._seconds = seconds
        self._pool = httpcore2.AsyncConnectionPool(max_connections=4, keepalive_expiry=30.0)
        self._token: bytes | None = None

    async def get(self, path: str) -> str | None:
        """What stands under `meta-data/`; None when there is nothing.

        Raises:
            ImdsAway: nobody knows.
        """
        try:
            with anyio.fail_after(self._seconds):
                return await self._asked(f"/latest/meta-data/{path}")
        except ImdsAway:
            raise
        except TimeoutError as error:
            raise ImdsAway(f"no answer within {self._seconds} s") from error
        except Exception as error:  # whatever answers there, it must not end a worker
            raise ImdsAway(repr(error)) from error

    async def close(self) -> None:
        await self._pool.aclose()

    async def _asked(self, path: str) -> str | None:
        response = await self._with_token(path)
        if response.status == 401:  # expired, or the machine was stopped meanwhile
            self._token = None
            response = await self._with_token(path)
        if response.status == 404:
            return None
        return _text(response, path)

    async def _with_token(self, path: str) -> httpcore2.Response:
        self._token = self._token or await self._new_token()
        headers = [(b"X-aws-ec2-metadata-token", self._token)]
        return await self._pool.request("GET", self._address + path, headers=headers)

    async def _new_token(self) -> bytes:
        path = "/latest/api/token"
        headers = [(b"X-aws-ec2-metadata-token-ttl-seconds", b"%d" % TTL)]
        response = await self._pool.request("PUT", self._address + path, headers=headers)
        return _text(response, path).encode()


def _text(response: httpcore2.Response, path: str) -> str:
    if response.status != 200:
        raise ImdsAway(f"{path} was answered with {response.status}")
    return response.content.decode().strip()
