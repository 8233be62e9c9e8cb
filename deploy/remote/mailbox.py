"""A run's objects in the bucket, `remote/ID/…`: how both sides talk."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deploy.account import Account
from deploy.errors import DeployError, code, told
from deploy.remote.name import IDS, PREFIX, Run, key

AT_ONCE = 1000  # keys of one DeleteObjects
MISSING = frozenset({"NoSuchKey", "404", "NotFound"})


@dataclass(frozen=True, slots=True)
class End:
    """How the command ended: its status, and why it had to end where it did not by itself.

    `reason`: stopped, lost, deadline, spot, failed (there), or gone (the instance).
    """

    code: int | None
    reason: str | None


class Mailbox:
    """Those of one run."""

    def __init__(self, account: Account, bucket: str, run: str) -> None:
        self._s3: Any = account.client("s3")
        self._bucket, self._run = bucket, run
        self._last = ""  # key of the last piece of the log that was read

    def post(self, run: Run, packet: Path, state: dict[str, tuple[int, int]]) -> None:
        """All that the far side needs; `run.json` first, by which others find the rest."""
        self._put("run.json", run.encode())
        self.beat()
        self._put("sent.json", json.dumps(state).encode())
        with told("The working folder cannot be sent"):
            self._s3.upload_file(str(packet), self._bucket, key(self._run, "work.tar.gz"))

    def run(self) -> Run:
        """Raises DeployError: there is no such run."""
        data = self._got("run.json")
        if data is None:
            raise DeployError(
                f"There is no run {self._run} in s3://{self._bucket}/{PREFIX}.\n"
                "`classifycloud remote list` shows those there are."
            )
        return Run.decode(data)

    def sent(self) -> dict[str, tuple[int, int]]:
        """How each file was when it was sent."""
        said: dict[str, tuple[int, int]] = json.loads(self._got("sent.json") or b"{}")
        return {name: (size, at) for name, (size, at) in said.items()}

    def beat(self) -> None:
        """A sign of life."""
        self._put("alive", b"")

    def stop(self) -> None:
        """Ask the far side to end the command."""
        self._put("stop", b"")

    def pieces(self) -> Iterator[bytes]:
        """What the command said since the last look."""
        asked = {"Bucket": self._bucket, "Prefix": key(self._run, "log/"), "StartAfter": self._last}
        with told("The log cannot be read"):
            for page in self._s3.get_paginator("list_objects_v2").paginate(**asked):
                for row in page.get("Contents", []):
                    said = self._s3.get_object(Bucket=self._bucket, Key=row["Key"])
                    yield said["Body"].read()
                    self._last = row["Key"]

    def end(self) -> End | None:
        """None while it runs."""
        data = self._got("end.json")
        return None if data is None else End(**json.loads(data))

    def outputs(self, into: Path) -> bool:
        """Fetch what is new or changed; whether there was anything to fetch."""
        with told("The outputs cannot be fetched"):
            try:
                self._s3.download_file(self._bucket, key(self._run, "out.tar.gz"), str(into))
            except ClientError as error:
                if code(error) not in MISSING:
                    raise
                return False
        return True

    def clear(self) -> int:
        """Remove all of it, `run.json` last; how many objects there were."""
        asked = {"Bucket": self._bucket, "Prefix": key(self._run)}
        with told(f"s3://{self._bucket}/{key(self._run)} cannot be removed"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(**asked)
            keys = [row["Key"] for page in pages for row in page.get("Contents", [])]
            keys.sort(key=lambda each: each.endswith("/run.json"))
            for at in range(0, len(keys), AT_ONCE):
                rows = [{"Key": each} for each in keys[at : at + AT_ONCE]]
                self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": rows})
        return len(keys)

    def _put(self, name: str, data: bytes) -> None:
        with told(f"s3://{self._bucket}/{key(self._run, name)} cannot be written"):
            self._s3.put_object(Bucket=self._bucket, Key=key(self._run, name), Body=data)

    def _got(self, name: str) -> bytes | None:
        with told(f"s3://{self._bucket}/{key(self._run, name)} cannot be read"):
            try:
                said = self._s3.get_object(Bucket=self._bucket, Key=key(self._run, name))
                return bytes(said["Body"].read())
            except ClientError as error:
                if code(error) not in MISSING:
                    raise
        return None


def runs(account: Account, bucket: str) -> list[str]:
    """Ids of the runs that have objects."""
    with told(f"s3://{bucket}/{PREFIX} cannot be listed"):
        pages = (
            account.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=bucket, Prefix=PREFIX, Delimiter="/")
        )
        found = [row["Prefix"] for page in pages for row in page.get("CommonPrefixes", [])]
    names = (each.removeprefix(PREFIX).rstrip("/") for each in found)
    return [name for name in names if IDS.fullmatch(name)]
