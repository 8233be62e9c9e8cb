"""What an image is baked of: the project's own files in one archive, named by their content."""

import gzip
import hashlib
import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import DeployError

ROOT = Path(__file__).resolve().parents[2]
# What no instance ever needs; a change of a page must not mean a new image. Commands import `training`.
LEFT_OUT = (".ci", ".github", "docs", "tests", "bench")
PROVISION = "ami/provision.sh"


@dataclass(frozen=True, slots=True)
class Source:
    """The archive, and the digest of what is in it."""

    archive: bytes
    digest: str


def pack(root: Path = ROOT, models: Path | None = None) -> Source:
    """Archive the files of a clone, the same bytes for the same files.

    Args:
        root: the clone.
        models: folder of bundles that go along; they lie under `models/` in the archive.

    Raises:
        DeployError: this is no clone, or a folder cannot be read.
    """
    if not (root / PROVISION).is_file():
        raise DeployError(
            "An image is baked out of a clone of the project, and this installation is none.\n"
            "Run the command in a clone, or name an image: --image ami-…"
        )
    files = {name: root / name for name in _listed(root)}
    if models is not None:
        found = (path for path in sorted(models.rglob("*")) if path.is_file())
        files |= {f"models/{path.relative_to(models)}": path for path in found}
    digest, held = hashlib.sha256(), io.BytesIO()
    with (
        gzip.GzipFile(fileobj=held, mode="wb", mtime=0, compresslevel=6) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for name, path in sorted(files.items()):
            data, entry = path.read_bytes(), tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            tar.addfile(entry, io.BytesIO(data))
            digest.update(f"{name}\0{entry.mode}\0{len(data)}\0".encode() + data)
    return Source(held.getvalue(), digest.hexdigest()[:20])


def _listed(root: Path) -> list[str]:
    asked = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        said = subprocess.run(asked, check=True, capture_output=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise DeployError(
            f"{root} is no clone that git can list ({error}).\nName an image: --image ami-…"
        ) from error
    names = [name for name in said.stdout.split("\0") if name and (root / name).is_file()]
    return [name for name in names if not name.startswith(tuple(f"{each}/" for each in LEFT_OUT))]
