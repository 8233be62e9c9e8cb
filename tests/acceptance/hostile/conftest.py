"""One world and one service in it for all of these tests."""

from collections.abc import Iterator

import pytest

from tests.acceptance.hostile.client import Impossible, WorldClient
from tests.acceptance.hostile.judge import Judge
from tests.service import wait_until


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldClient]:
    """The running service, cut off from the real Internet. At the end nothing of it may be left."""
    try:
        running = WorldClient(tmp_path_factory.mktemp("world"))
    except Impossible as error:
        pytest.skip(f"needs user, network and mount namespaces, which are not permitted: {error}")
    try:
        wait_until(lambda: running.get("http://good.test/red").status == 200, 60, running.log())
        yield running
    finally:
        left = running.close()
    assert not left, f"processes were left: {left}"


@pytest.fixture(scope="session")
def judge(world: WorldClient) -> Judge:
    return Judge(world)
