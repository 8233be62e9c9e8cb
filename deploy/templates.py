"""The templates beside this file: read, named by their content, put where CloudFormation reads them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from deploy import naming
from deploy.depot import Depot

FOLDER = Path(__file__).with_name("templates")
ROOT = "stack.yaml"


@dataclass(frozen=True, slots=True)
class Templates:
    """The files by name. `digest` changes when any of them does, and with it their address."""

    files: dict[str, bytes]

    @property
    def root(self) -> bytes:
        """The template that nests the others."""
        return self.files[ROOT]

    @property
    def digest(self) -> str:
        found = hashlib.sha256()
        for name, data in sorted(self.files.items()):
            found.update(f"{name}\0{len(data)}\0".encode() + data)
        return found.hexdigest()[:20]


def read(folder: Path = FOLDER) -> Templates:
    """All of a folder."""
    return Templates({path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))})


def publish(templates: Templates, depot: Depot, deployment: str) -> str:
    """Put them into the depot; the URL of their folder, without a slash at its end.

    What a key has never changes, so that a stack which is being made reads one state of them.
    """
    folder = naming.templates_key(deployment, templates.digest)
    for name, data in templates.files.items():
        if not depot.has(f"{folder}/{name}"):
            depot.put(f"{folder}/{name}", data)
    return depot.url(folder)
