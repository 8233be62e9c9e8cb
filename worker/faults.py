"""httpcore2's exceptions as errors of ours: what each says of the origin."""

import contextlib
import ssl
from collections.abc import Iterator

import httpcore2

from wire import errors
from wire.outside.answers import CUT, SILENT
from wire.outside.origin import Dropped, Unproven


def is_stale(error: Exception) -> bool:
    """Whether a connection ended as an idle one does that the origin closed when it was taken up."""
    return isinstance(error, (httpcore2.ReadError, httpcore2.WriteError)) or str(error) == SILENT


@contextlib.contextmanager
def before_the_body() -> Iterator[None]:
    """While an answer is awaited. Raises UpstreamUnreachable, UpstreamProtocol, FetchTimeout."""
    try:
        yield
    except httpcore2.ConnectError as error:
        of_tls = isinstance(error.__cause__, ssl.SSLError)
        raise (Unproven if of_tls else errors.UpstreamUnreachable) from error
    except httpcore2.ConnectTimeout as error:
        raise errors.UpstreamUnreachable from error
    except httpcore2.TimeoutException as error:
        raise errors.FetchTimeout from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise (Dropped if is_stale(error) else errors.UpstreamProtocol) from error


@contextlib.contextmanager
def in_the_body() -> Iterator[None]:
    """While a body is read. Raises IncompleteBody, UpstreamProtocol, FetchTimeout."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise errors.FetchTimeout from error
    except httpcore2.NetworkError as error:
        raise errors.IncompleteBody from error
    except httpcore2.RemoteProtocolError as error:
        raise (errors.IncompleteBody if CUT in str(error) else errors.UpstreamProtocol) from error
