"""The addresses outside that the pages link to: `python -m tests.docs_links` lists them, `--fetch` asks each.

No test fetches them: it would fail for others' reasons.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ("example.com", "example.org", "127.0.0.1", "localhost", "shop.example")
LINK = re.compile(r"\]\((https?://[^)\s]+)\)|<(https?://[^>\s]+)>")


def pages() -> list[Path]:
    """Everything that is written for people."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def outside() -> Iterator[tuple[Path, str]]:
    """Each link that leads out, with its page."""
    for page in pages():
        for found in LINK.finditer(page.read_text(encoding="utf-8")):
            address = found[1] or found[2]
            if not any(name in address for name in EXAMPLES):
                yield page, address


def main() -> None:
    failed = 0
    for page, address in outside():
        said = ""
        if "--fetch" in sys.argv:
            try:
                status = httpx.get(address, follow_redirects=True, timeout=20).status_code
            except httpx.HTTPError as error:
                status = repr(error)
            failed += status != 200
            said = f"{status}  "
        print(f"{said}{address}  {page.relative_to(ROOT)}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
