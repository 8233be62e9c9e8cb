"""Tracing, and processes that are about to become other programs."""

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_it_does_nothing_in_a_fork(tmp_path):
    """Between fork and exec, where uvloop runs what libraries want done there, a thread may never begin."""
    done = run(
        """
        import os, sys
        wanted, register = [], os.register_at_fork
        os.register_at_fork = lambda **hooks: (wanted.extend(hooks.values()), register(**hooks))
        from wire import tracing
        from wire.settings import Settings
        tracing.begin("test", Settings(traces=sys.argv[1]))
        with tracing.begun("x", 1.0):
            pass
        tracing.end()
        print(*[each.__module__ for each in wanted if each.__module__.startswith("opentelemetry")])
        """,
        str(tmp_path / "spans.jsonl"),
    )
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr
    assert (tmp_path / "spans.jsonl").read_text()
