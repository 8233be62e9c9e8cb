"""The bucket, made where it is missing: on one machine, whoever comes first makes it."""

import asyncio

from botocore.exceptions import ClientError

from api.connection import backoff
from wire import log
from wire.errors import QueueUnavailable
from wire.settings import SettingsError
from wire.store import S3Store

_log = log.get(__name__)


async def ensure(store: S3Store, region: str) -> None:
    """Try until the store answers. A refusal is final: there the bucket is the operator's to make."""
    attempt = 0
    while True:
        try:
            await store.prepare()
            await store.ensure_bucket(region)
        except QueueUnavailable:
            await asyncio.sleep(backoff(attempt))
            attempt += 1
        except SettingsError as error:
            _log.error("no way to S3", error=str(error))
            return
        except ClientError as error:
            _log.warning("bucket not made", reason=str(error))
            return
        else:
            return
