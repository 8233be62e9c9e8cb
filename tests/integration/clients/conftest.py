"""One service for all that asks it from outside."""

from collections.abc import Iterator

import pytest

from local.samples import FOLDER
from tests.service import Origin, Service, service


@pytest.fixture(scope="package")
def origin() -> Iterator[Origin]:
    made = Origin(FOLDER)
    yield made
    made.close()


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory, origin: Origin) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("client") / "data"
    settings = {"fetch_allow": origin.host, "cache_seconds": "60"}
    with service(data, **settings) as started:
        started.wait_ready(workers=1)
        yield started
