"""docs/asking.md tells of every error, with its status."""

import re
from pathlib import Path

from wire.errors import BY_CODE

PAGE = Path(__file__).resolve().parents[3] / "docs" / "asking.md"


def test_every_code_is_in_the_table_once_with_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `([a-z_]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted((str(kind.status), code) for code, kind in BY_CODE.items())
