"""A database in a temporary folder."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.sqs.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path)) as opened:
        yield opened
