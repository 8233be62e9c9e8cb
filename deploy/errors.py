"""Why a deployment cannot go on. Each text says what is wrong and, on lines of its own, what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

_NOBODY = (
    "boto3 finds no AWS credentials.\n"
    "Name a profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
    "(`aws configure` makes a profile)."
)


class DeployError(Exception):
    """What was asked cannot be done."""


class NotThere(DeployError):
    """There is no such deployment."""

    def __init__(self, name: str, region: str) -> None:
        super().__init__(
            f"There is no deployment {name!r} in {region}.\n"
            "Make it with `classifycloud deploy up`, or name another with --name and --region."
        )


def code(error: ClientError) -> str:
    """AWS's own short code of a refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn a refusal of AWS into a DeployError that says what was being done."""
    try:
        yield
    except ClientError as error:
        raise DeployError(f"{what}: {_reason(error)}") from error
    except (NoCredentialsError, TokenRetrievalError) as error:
        raise DeployError(_NOBODY) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise DeployError(f"{what}: {error}") from error


def _reason(error: ClientError) -> str:
    said = str(error.response.get("Error", {}).get("Message", "")) or str(error)
    if code(error) in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}:
        return f"{said}\nWho deploys needs that permission: docs/deploy.md lists them all."
    return f"{said} ({code(error)})"
