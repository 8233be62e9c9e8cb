"""Bundles by name and version, from a folder laid out as <name>/<version>/manifest.json."""

import re
from pathlib import Path

from classifier.bundle import MANIFEST, Bundle
from classifier.errors import ModelNotFound

BUNDLED = Path(__file__).parent / "bundled"
DEFAULT = "tiny-inception"


class Catalog:
    """Finds bundles under `root`; each is verified once and then kept.

    Names and versions from outside are only ever compared with what the folder holds; no path
    is built from them.
    """

    def __init__(self, root: Path = BUNDLED, default: str = DEFAULT) -> None:
        self.root = root
        self.default = default
        self._loaded: dict[tuple[str, str], Bundle] = {}

    def names(self) -> list[str]:
        """The models' names, sorted."""
        return sorted({path.parent.parent.name for path in self._manifests()})

    def versions(self, name: str) -> list[str]:
        """A model's versions, oldest first (2 before 10); empty if there is no such model."""
        found = [path.parent for path in self._manifests() if path.parent.parent.name == name]
        return sorted((folder.name for folder in found), key=_order)

    def find(self, name: str | None = None, version: str | None = None) -> Bundle:
        """The bundle; without a name the default model, without a version the latest.

        Raises:
            ModelNotFound: there is none; the text lists those that there are.
            BundleBroken: it is there but damaged.
        """
        name = name or self.default
        versions = self.versions(name)
        version = version or (versions[-1] if versions else "")
        if version not in versions:
            raise ModelNotFound(self._missing(name, version))
        if (name, version) not in self._loaded:
            self._loaded[name, version] = Bundle.load(self.root / name / version)
        return self._loaded[name, version]

    def _manifests(self) -> list[Path]:
        """Of folders whose names begin with a dot there are none: those are being written."""
        found = self.root.glob(f"*/*/{MANIFEST}")
        names = ((path, path.parent.name, path.parent.parent.name) for path in found)
        return [path for path, *folders in names if not any(n.startswith(".") for n in folders)]

    def _missing(self, name: str, version: str) -> str:
        asked = f"{name} {version}".strip()
        known = [f"{name} {version}" for name in self.names() for version in self.versions(name)]
        return f"no model {asked!r}; there are: {', '.join(known) or 'none'}"


def _order(version: str) -> list[tuple[int, int | str]]:
    parts = re.split(r"(\d+)", version)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]
