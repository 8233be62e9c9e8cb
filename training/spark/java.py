"""Whether there is a Java that Spark 4 runs on, before Spark finds out in its own words."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from training.spark.errors import JavaUnfit

OLDEST = 17
PATIENCE = 30.0  # seconds for `java -version`
_VERSION = re.compile(r'version "(\d+)(?:\.(\d+))?')
_REMEDY = (
    f"Spark runs on Java {OLDEST} or later: install one (Debian, Ubuntu: apt install "
    f"openjdk-{OLDEST}-jre-headless) or let JAVA_HOME name its folder"
)


def check() -> Path:
    """The Java that Spark will use.

    Raises:
        JavaUnfit: there is none, it does not run, or it is too old.
    """
    java = found(os.environ)
    version = major(_said(java))
    if version is None or version < OLDEST:
        raise JavaUnfit(f"{java} is Java {version or 'of an unknown version'}. {_REMEDY}")
    return java


def found(environment: Mapping[str, str]) -> Path:
    """As Spark's own scripts look for it: in JAVA_HOME, or else along PATH.

    Raises:
        JavaUnfit: it is in neither.
    """
    if home := environment.get("JAVA_HOME"):
        java = Path(home) / "bin" / "java"
        if not os.access(java, os.X_OK):
            raise JavaUnfit(f"JAVA_HOME is {home}, and there is no bin/java in it. {_REMEDY}")
        return java
    on_path = shutil.which("java", path=environment.get("PATH", ""))
    if on_path is None:
        raise JavaUnfit(f"there is no Java: PATH has none, JAVA_HOME is not set. {_REMEDY}")
    return Path(on_path)


def major(said: str) -> int | None:
    """The major version in what `java -version` prints; 8 of the older `1.8.0`."""
    match = _VERSION.search(said)
    if match is None:
        return None
    first, second = int(match[1]), match[2]
    return int(second) if first == 1 and second else first


def _said(java: Path) -> str:
    try:
        ended = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JavaUnfit(f"{java} does not run: {error}. {_REMEDY}") from error
    return ended.stderr + ended.stdout
