"""Changes of the index by hand. Pure but for the clock and the folder that the settings name."""

import time

from classifier.catalog import BUNDLED, Catalog
from cli.models_publish_work import in_service
from wire.index import Index, IndexRefused, Withdrawal, chosen, promoted, withdrawn
from wire.settings import Settings, load

BY_HAND = "hand"


def promoting(index: Index, name: str, version: str | None, default: bool) -> Index:
    """The index with a version in service for all.

    Raises:
        IndexRefused: there is no such version, or no canary where none was named.
    """
    line = index.line(name)
    version = version or (line.canary.version if line.canary is not None else None)
    if version is None and default:
        version = in_service(index, name)
    if version is None:
        raise IndexRefused(f"{name} has no canary: say which version. There are {_known(index)}.")
    if version not in {*line.versions, *Catalog(load(Settings).models or BUNDLED).versions(name)}:
        raise IndexRefused(f"There is no {name} {version}. There are {_known(index)}.")
    after = promoted(index, name, version, in_service(index, name))
    return chosen(after, name) if default else after


def rolling_back(index: Index, name: str) -> Index:
    """The index without the canary, or with the version that was in service before.

    Raises:
        IndexRefused: there is neither.
    """
    line = index.line(name)
    version = line.canary.version if line.canary is not None else line.default
    if version is None:
        raise IndexRefused(f"Nothing of {name} was put into service. There are {_known(index)}.")
    gone = Withdrawal(version=version, reason="taken back by hand", by=BY_HAND, at=time.time())
    after = withdrawn(index, name, gone)
    if after == index:
        raise IndexRefused(
            f"No version of {name} was in service before {version}. "
            f"Name the one to serve: classifycloud models promote {name} VERSION"
        )
    return after


def _known(index: Index) -> str:
    rows = [f"{name} {one}" for name, line in index.models.items() for one in line.versions]
    return ", ".join(rows) or "none in the bucket"
