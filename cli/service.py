"""The running service, asked over HTTP."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cli.address import is_loopback
from wire.settings import PREFIX, ClientSettings

TIMEOUT = 130.0  # the service's own wait is 120 s


class Unanswered(Exception):
    """No label came; the text says why and, where there is something, what to do."""


class NoService(Unanswered):
    """Nothing answers at the address."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"No service answers at {url}.\nStart one with `classifycloud up`, or name it: --url URL"
        )


@dataclass(frozen=True)
class Features:
    """What a layer made of a picture: the file or the document as it came, and what its headers say."""

    content: bytes
    shape: tuple[int, ...] = ()
    dtype: str = ""

    def values(self, count: int) -> tuple[float, ...]:
        """The first of a file of NumPy's, version 1.0."""
        begin = 10 + int.from_bytes(self.content[8:10], "little")
        count = min(count, (len(self.content) - begin) // 4)
        return struct.unpack_from(f"<{count}f", self.content, begin)


class Service:
    """Asks one service; use as a context manager.

    Args:
        url: such as http://127.0.0.1:8000. It is shown the key of the settings, where there is one.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        # A proxy of the environment's is another machine: its loopback is not this one's.
        proxied = not is_loopback(httpx.URL(url).host)
        self._client = httpx.Client(
            base_url=url, timeout=TIMEOUT, trust_env=proxied, headers=ClientSettings().headers()
        )

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def classify_url(self, picture: str, parameters: dict[str, str]) -> dict[str, Any]:
        """The service's answer for a picture that it fetches itself; raises Unanswered."""
        return self._ask("GET", "/classify", params={"url": picture, **parameters})

    def classify_file(self, picture: Path, parameters: dict[str, str]) -> dict[str, Any]:
        """The service's answer for a file's bytes; raises Unanswered."""
        files = {"file": (picture.name, _content(picture))}
        return self._ask("POST", "/classify", params=parameters, files=files)

    def features_url(self, picture: str, parameters: dict[str, str]) -> Features:
        """What a layer makes of a picture that the service fetches itself; raises Unanswered."""
        return self._features("GET", params={"url": picture, **parameters})

    def features_file(self, picture: Path, parameters: dict[str, str]) -> Features:
        """What a layer makes of a file's picture; raises Unanswered."""
        files = {"file": (picture.name, _content(picture))}
        return self._features("POST", params=parameters, files=files)

    def models(self) -> list[dict[str, Any]]:
        """What GET /models lists; raises Unanswered."""
        rows = self._ask("GET", "/models").get("models")
        if not isinstance(rows, list):
            raise Unanswered(f"{self._url} does not list models: is it ClassifyCloud?")
        return rows

    def _features(self, method: str, **request: Any) -> Features:
        response = self._response(method, "/features", **request)
        if not response.is_success:
            _document(response)  # raises what it says
        shape = response.headers.get("x-shape", "")
        sizes = tuple(int(each) for each in shape.split(",") if each.isdecimal())
        return Features(response.content, sizes, response.headers.get("x-dtype", ""))

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        return _document(self._response(method, path, **request))

    def _response(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **request)
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as error:
            raise NoService(self._url) from error
        except httpx.TimeoutException as error:
            raise Unanswered(f"no answer within {TIMEOUT:.0f} s") from error
        except httpx.HTTPError as error:
            raise Unanswered(f"the connection broke: {error}") from error
        except httpx.InvalidURL as error:
            raise Unanswered(f"cannot be asked for: {error}") from error
        return response


def _content(picture: Path) -> bytes:
    try:
        return picture.read_bytes()
    except OSError as error:
        raise Unanswered(f"cannot be read: {error.strerror}") from error


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.is_success and isinstance(body, dict):
        return body
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        raise Unanswered(f"status {response.status_code}, and not in ClassifyCloud's form")
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise Unanswered(f"{error.get('message')} Give one in {PREFIX}KEY.")
    job = f" (job {error['job']})" if error.get("job") else ""
    raise Unanswered(f"{error.get('code')}: {error.get('message')}{job}")
