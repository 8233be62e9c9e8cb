"""The whole stack, made on an emulator in its variants, and read back from it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cfnlint.decode import decode

from tests.emulator import emulator
from tests.integration.deploy.made import TEMPLATES, Account, Made, make

NAME = "try-out"
INPUTS = ("pictures", "more-pictures")
BUCKET = f"{NAME}-123456789012-us-east-1"


@pytest.fixture(scope="session")
def cloud() -> Iterator[Account]:
    with emulator() as server:
        yield Account(server.url)


@pytest.fixture(scope="session")
def service(cloud) -> Made:
    """As it is by default, but for what is optional and needs a word."""
    return make(
        cloud, NAME, InputBuckets=",".join(INPUTS), Budget="2.5", AlarmEmail="night@example.com"
    )


@pytest.fixture(scope="session")
def single(cloud) -> Made:
    """The single host."""
    return make(cloud, "single", Profile="single-host", Shell="yes")


@pytest.fixture(scope="session")
def with_sqs(cloud) -> Made:
    """The single host whose jobs wait in SQS."""
    return make(cloud, "with-sqs", Profile="single-host", HostQueue="sqs")


@pytest.fixture(scope="session")
def roles(service) -> dict[str, dict]:
    """By its logical name, a role's documents, and its ARN under `arn`."""
    return service.roles()


@pytest.fixture(scope="session")
def resources_of() -> Callable[[str], dict[str, Any]]:
    """The resources of a template, by the name that `stack.yaml` has for it."""

    def read(part: str) -> dict[str, Any]:
        template, faults = decode(str(TEMPLATES / f"{part.lower()}.yaml"))
        assert not faults
        return template["Resources"]

    return read
