"""The account and region that a deployment is in: boto3's clients, made once each."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from deploy.errors import told

TRIES = 5
PATIENCE = (
    10  # seconds for a connection; an answer may take longer: CreateStack reads its templates first
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose credentials these are."""

    account: str
    arn: str


class Account:
    """Clients of one region.

    Args:
        region: AWS region.
        endpoint: URL of an emulator that stands for every service; None is AWS itself.
    """

    def __init__(self, region: str, endpoint: str | None = None) -> None:
        self.region = region
        self.endpoint = endpoint
        self._session = boto3.session.Session(region_name=region)
        self._clients: dict[str, Any] = {}
        self._config = Config(
            connect_timeout=PATIENCE,
            retries={"mode": "standard", "total_max_attempts": TRIES},
        )

    def client(self, service: str) -> Any:
        """A boto3 client of this service."""
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.endpoint,
                config=self._config,
            )
        return self._clients[service]

    @cached_property
    def s3_of_urls(self) -> Any:
        """A client of S3 whose signed URLs hold anywhere: of the region's own host, which redirects nobody.

        boto3's default in old regions is the global host, with a signature that others do not take.
        """
        plain = self.client("s3").meta
        # An emulator has one name for all buckets.
        is_aws = plain.endpoint_url.endswith(f".{self.suffix}")
        config = Config(
            signature_version="s3v4", s3={"addressing_style": "virtual" if is_aws else "path"}
        )
        return self._session.client("s3", endpoint_url=self.endpoint, config=config)

    @cached_property
    def identity(self) -> Identity:
        """Whose account this is.

        Raises:
            DeployError: there are no credentials, or they are refused.
        """
        with told("Whose credentials these are cannot be found out"):
            said = self.client("sts").get_caller_identity()
        return Identity(str(said["Account"]), str(said["Arn"]))

    @property
    def suffix(self) -> str:
        """What the templates' own addresses end with."""
        return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
