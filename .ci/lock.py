"""Keep requirements/*.txt in step with pyproject.toml.

Without an argument: fail when pyproject's dependencies changed since the lock was made; this needs no
network. With `--write`: resolve anew with uv, hashes included, for every platform and Python >= 3.11.
With `--add`: the same, but what is locked already keeps its version.
"""

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "dev": ["serve", "plots", "bulk", "train", "spark", "load", "dev"],
    "serve": ["serve", "plots"],
    "train": ["serve", "plots", "train"],
    "spark": ["serve", "plots", "train", "spark"],
}
UV = str(Path(sys.executable).with_name("uv"))
MARK = "# locks the dependencies with digest "


def digest() -> str:
    """A fingerprint of everything in pyproject.toml that the lock depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [project["requires-python"], project["dependencies"], project["optional-dependencies"]]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def write(upgrade: bool) -> None:
    """Resolve `dev` first; the others are held to its versions so that tests test what serves."""
    for name, extras in LOCKS.items():
        target = ROOT / "requirements" / f"{name}.txt"
        held = [] if name == "dev" else ["--constraint", "requirements/dev.txt"]
        subprocess.run(
            [UV, "pip", "compile", "pyproject.toml", "--quiet", "--generate-hashes"]
            + ["--upgrade"] * upgrade
            + ["--universal", "--python-version", "3.11", "--no-header", "--no-annotate"]
            + [part for extra in extras for part in ("--extra", extra)]
            + [*held, "--output-file", str(target)],
            check=True,
            cwd=ROOT,
            env={**os.environ, "UV_NO_CONFIG": "1"},
        )
        text = target.read_text(encoding="utf-8")
        target.write_text(f"{MARK}{digest()}\n{text}", encoding="utf-8")


def stale() -> list[str]:
    """The lock files that were made for other dependencies."""
    first = f"{MARK}{digest()}\n"
    paths = [ROOT / "requirements" / f"{name}.txt" for name in LOCKS]
    return [
        path.name
        for path in paths
        if not path.exists() or not path.read_text(encoding="utf-8").startswith(first)
    ]


def main() -> int:
    if sys.argv[1:] in (["--write"], ["--add"]):
        write(upgrade=sys.argv[1:] == ["--write"])
    if old := stale():
        print(f"requirements/{', '.join(old)} is older than pyproject.toml: run `make lock`")
        return 1
    print("the lock is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
