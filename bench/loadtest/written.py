"""What is written in options and files of a load test: phases, traces, lists of URLs."""

import math
from pathlib import Path
from urllib.parse import urlsplit

from bench.loadtest.arrivals import Phase


class Unreadable(ValueError):
    """The text cannot be used; it says which and how one looks."""


def phase(text: str) -> Phase:
    """`RATExSECONDS`, such as `20x30`; raises Unreadable."""
    rate, times, seconds = text.strip().partition("x")
    try:
        found = Phase(float(rate), float(seconds))
    except ValueError:
        times = ""
        found = Phase(0, 0)
    sound = all(math.isfinite(each) and each > 0 for each in (found.rate, found.seconds))
    if not times or not sound:
        raise Unreadable(f"{text!r} is no RATExSECONDS, such as 20x30: 20 a second for 30 seconds")
    return found


def phases(text: str) -> list[Phase]:
    """Several, with commas between them; raises Unreadable."""
    return [phase(each) for each in text.split(",")]


def trace(path: Path) -> list[float]:
    """Arrival times in seconds: the first column of a CSV, a line each; a first line may be its heading.

    Raises:
        Unreadable: no such file, a line that begins with no time, or none that does.
    """
    found = []
    for number, line in enumerate(_lines(path), 1):
        first = line.partition(",")[0].strip().strip('"')
        try:
            at = float(first)
        except ValueError:
            if number == 1:
                continue
            at = math.nan
        if not math.isfinite(at):
            raise Unreadable(f"{path}, line {number}: {first[:40]!r} is no time in seconds")
        found.append(at)
    if not found:
        raise Unreadable(f"{path} holds no arrival times: one a line, in seconds")
    return found


def urls(path: Path) -> list[str]:
    """Addresses of pictures, one a line; empty lines and those that begin with # are left out.

    Raises:
        Unreadable: no such file, a line that is no http or https address, or none that is.
    """
    found = []
    for number, line in enumerate(_lines(path), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if not text.lower().startswith(("http://", "https://")) or not _has_host(text):
            raise Unreadable(f"{path}, line {number}: {text[:80]!r} is no http or https address")
        found.append(text)
    if not found:
        raise Unreadable(f"{path} holds no addresses: one a line")
    return found


def _has_host(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is no text in UTF-8") from error
