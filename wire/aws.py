"""boto3 from asyncio: calls in thread pools, long polls apart from the rest.

A long poll holds its thread for up to 20 s. In one pool with the sends, a few idle polls would hold
up every reply; hence two pools.
"""

import asyncio
import os
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import create_urllib3_context, get_cert_path
from botocore.loaders import create_loader
from urllib3.exceptions import HTTPError

from wire.errors import QueueUnavailable

P = ParamSpec("P")
R = TypeVar("R")

# Of services and endpoints, which every client needs: read once in a process, not once a session.
DESCRIPTIONS = create_loader()

THROTTLED = {
    "RequestThrottled",
    "ThrottlingException",
    "Throttling",
    "SlowDown",
    "ServiceUnavailable",
    "InternalError",
    "InternalFailure",
    "KmsThrottled",
    "OverLimit",
}


def error_code(error: ClientError) -> str:
    """The service's own short code, without the `AWS.SimpleQueueService.` of the older protocol."""
    return str(error.response.get("Error", {}).get("Code", "")).rsplit(".", 1)[-1]


def is_outage(error: ClientError) -> bool:
    """Whether the service, and not the request, is at fault."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error_code(error) in THROTTLED


class Aws:
    """The clients of one process and the threads that wait for them.

    Args:
        region: AWS region; endpoints come from the standard AWS_ENDPOINT_URL_* variables.
        polls: how many long polls may be open at once.
        calls: how many other calls may be open at once.
    """

    def __init__(self, region: str, polls: int = 4, calls: int = 8) -> None:
        # boto3 adds upload managers and resources, a tenth of a second to import, and makes this very client.
        self._session = botocore.session.get_session()
        self._session.register_component("data_loader", DESCRIPTIONS)
        self._session.set_config_variable("region", region)
        self._config = Config(
            max_pool_connections=polls + calls,
            connect_timeout=3,
            read_timeout=30,
            retries={"mode": "standard", "max_attempts": 3},
            tcp_keepalive=True,
        )
        self._polls = ThreadPoolExecutor(polls, thread_name_prefix="aws-poll")
        self._calls = ThreadPoolExecutor(calls, thread_name_prefix="aws-call")

    def client(self, service: str, config: Config | None = None) -> Any:
        """A boto3 client; thread-safe, so that one of each kind serves the whole process.

        Args:
            service: its name in boto3.
            config: what is to differ from the configuration of the others.
        """
        chosen = self._config if config is None else self._config.merge(config)
        return self._session.create_client(service, config=chosen)

    def credentials(self) -> Any:
        """What its clients sign with, renewed as they call; None where there is none."""
        return self._session.get_credentials()

    def trusted(self) -> ssl.SSLContext:
        """Whom its clients trust, by botocore's own rules: AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, its own bundle.

        Raises:
            OSError: what is named there cannot be read.
        """
        chosen = self._session.get_config_variable("ca_bundle")
        path = str(chosen or os.environ.get("REQUESTS_CA_BUNDLE") or get_cert_path(True))
        # The context that its clients use; urllib3 compares names itself, and asyncio leaves it to this.
        context: ssl.SSLContext = create_urllib3_context()
        context.check_hostname = True
        context.hostname_checks_common_name = False
        folder = Path(path).is_dir()
        context.load_verify_locations(
            cafile=None if folder else path, capath=path if folder else None
        )
        return context

    async def call(self, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one short call.

        Raises:
            QueueUnavailable: the service could not be reached, failed or throttles.
            ClientError: the service refused the request.
        """
        return await self._run(self._calls, partial(method, *args, **kwargs))

    async def poll(self, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one long poll; raises as `call` does."""
        return await self._run(self._polls, partial(method, *args, **kwargs))

    async def close(self) -> None:
        """Wait for the threads; a long poll still open ends by itself."""
        await asyncio.to_thread(self._polls.shutdown)
        await asyncio.to_thread(self._calls.shutdown)

    async def _run(self, pool: ThreadPoolExecutor, call: Callable[[], R]) -> R:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, call)
        except ClientError as error:
            if is_outage(error):
                raise QueueUnavailable from error
            raise
        # boto3 lets urllib3's own error through where a refusal breaks off within its body.
        except (BotoCoreError, HTTPError) as error:
            raise QueueUnavailable from error
