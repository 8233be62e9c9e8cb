"""Keeping the logs short while the parts run."""

import os
from pathlib import Path

from local.up.console import Console
from local.up.logs import LIMIT
from local.up.watch import Watch, everything


def test_a_log_that_cannot_be_moved_stops_neither_the_watch_nor_the_other_logs(
    tmp_path: Path,
) -> None:
    logs = {name: tmp_path / f"{name}.log" for name in ("api", "sqs")}
    for log in logs.values():
        log.touch()
        os.truncate(log, LIMIT + 1)
    (tmp_path / "api.log.1").mkdir()
    Watch(logs, everything, Console()).shorten()
    assert logs["api"].stat().st_size == LIMIT + 1
    assert logs["sqs"].stat().st_size == 0
    assert (tmp_path / "sqs.log.1").stat().st_size == LIMIT + 1
