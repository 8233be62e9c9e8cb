"""One small file per part in DIR/run: its process, for whoever comes after a kill, and for people."""

import json
from collections.abc import Iterator
from pathlib import Path

from local.up.identity import Identity


class Notes:
    """The notes of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, part: str, identity: Identity, log: Path, shown: str) -> None:
        """Note which process a part is now. Replaced in one step: a reader never sees half a note."""
        note = {"pid": identity.pid, "created": identity.created, "log": str(log), "at": shown}
        fresh = self._folder / f".{part}.json"
        fresh.write_text(json.dumps(note) + "\n")
        fresh.replace(self._folder / f"{part}.json")

    def address(self, part: str) -> str | None:
        """Where a part answers; None when it does not run."""
        try:
            note = json.loads((self._folder / f"{part}.json").read_text())
            identity = Identity(int(note["pid"]), float(note["created"]))
            return None if identity.process() is None else str(note["at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def clear(self, part: str) -> None:
        (self._folder / f"{part}.json").unlink(missing_ok=True)

    def identities(self) -> Iterator[Identity]:
        """Every process noted. A note that cannot be read counts as none."""
        for path in sorted(self._folder.glob("*.json")):
            try:
                note = json.loads(path.read_text())
                yield Identity(int(note["pid"]), float(note["created"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
