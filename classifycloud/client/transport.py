"""What httpx does, in this package's terms; and where the service is, and which key it is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from classifycloud.client import errors
from classifycloud.client.address import LOCAL, checked, is_loopback
from classifycloud.client.calls import Call, Reply
from wire.settings import ClientSettings

CONNECT = 10.0  # seconds, and no more than the call has left
PLACES = 100  # connections at once


class Line:
    """The way to one service: what both clients are made with.

    Args:
        url: such as https://classify.example.com; `CLASSIFYCLOUD_URL` when left out, or this machine's.
        key: an API key; `CLASSIFYCLOUD_KEY` when left out.

    Raises:
        ValueError: the address cannot be one.
    """

    def __init__(self, url: str | None, key: str | None) -> None:
        settings = ClientSettings()
        self.url = checked(url or settings.url or LOCAL)
        kept = settings.key.get_secret_value() if settings.key is not None else None
        self._key = key or kept
        self._met = False

    def options(self, transport: object) -> dict[str, Any]:
        """Arguments of httpx's clients, with a transport of the caller's where that is not None."""
        return {
            "base_url": self.url,
            # A proxy of the environment's is another machine: its loopback is not this one's.
            "trust_env": transport is None and not is_loopback(self.url),
            "headers": {"X-API-Key": self._key} if self._key else {},
            "transport": transport,
            "limits": httpx.Limits(max_connections=PLACES, max_keepalive_connections=PLACES),
        }

    def request(self, call: Call[Any], timeout: float) -> dict[str, Any]:
        """Arguments of one request."""
        return {
            "method": call.method,
            "url": call.path,
            "params": dict(call.params) or None,
            "headers": dict(call.headers),
            "content": call.content,
            "timeout": httpx.Timeout(timeout, connect=min(CONNECT, timeout)),
        }

    def reply(self, response: httpx.Response) -> Reply:
        """A response whose body has been read."""
        self._met = True
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, response.content)

    @contextmanager
    def told(self) -> Iterator[None]:
        """httpx's errors as this package's."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise errors.Unreachable(
                f"No service answers at {self.url}.", left=self._met
            ) from error
        except httpx.TimeoutException as error:
            raise errors.OutOfTime("No answer came in time.") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise errors.Unreachable(f"{self.url} cannot be asked: {error}") from error
        except httpx.HTTPError as error:
            raise errors.Interrupted(f"The connection broke: {error}") from error
