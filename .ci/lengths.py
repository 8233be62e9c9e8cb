"""Fail when a Python file outgrows 300 lines or a function 60: past that, it is two ideas.

The aim is about 250 and 40; the rest is room for a table or a long docstring.
"""

import ast
import subprocess
import sys
from pathlib import Path

FILE_LINES = 300
FUNCTION_LINES = 60


def faults(path: Path) -> list[str]:
    """What is too long in one file, as `path:line: what`."""
    text = path.read_text(encoding="utf-8")
    found = []
    if (lines := text.count("\n")) > FILE_LINES:
        found.append(f"{path}:1: {lines} lines, at most {FILE_LINES}")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{path}:{node.lineno}: {node.name} has {length} lines")
    return found


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = [Path(name) for name in listed.split("\0") if name and Path(name).exists()]
    found = [fault for path in paths for fault in faults(path)]
    print("\n".join(found) or f"{len(paths)} files, none too long")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
