"""A run from its start to nothing left: whatever ends it, the instance goes and its objects with it."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.account import Account
from deploy.remote.following import EVERY, Following, Say, Write
from deploy.remote.ground import Ground
from deploy.remote.mailbox import End, Mailbox
from deploy.remote.name import Run
from deploy.remote.packing import Packed, unpack

Parcel = Callable[[Path], Packed]
FAREWELL = 150.0  # seconds for the command to end itself and for its outputs, once it was asked to


@dataclass(frozen=True)
class Result:
    """How it ended, and which files came back."""

    end: End
    files: list[str] = field(default_factory=list)


class Session:
    """One terminal's part in one run.

    Args:
        write: gets the command's own words.
        say: gets ours.
    """

    def __init__(
        self, account: Account, bucket: str, run: Run, ground: Ground, write: Write, say: Say
    ) -> None:
        self.run = run
        self._ground, self._say = ground, say
        self._keeps = False
        self._mailbox = Mailbox(account, bucket, run.id)
        self._following = Following(self._mailbox, ground, run, write, say)

    def start(self, parcel: Parcel) -> Result:
        """Send, begin, follow, fetch, clean up.

        Args:
            parcel: packs what is sent into the file that it is given.

        Raises:
            DeployError: something refused; what was made is gone, or the text says how to remove it.
        """
        try:
            self._send(parcel)
            self._ground.begin(self._mailbox.beat)
            return self._followed()
        except KeyboardInterrupt:
            self._say("Stopped before it began.")
            return Result(End(None, "stopped"))
        finally:
            self._clean()

    def join(self) -> Result:
        """Follow a run that another terminal began, from its first word; and end it as that would have.

        Raises:
            DeployError: as of `start`.
        """
        self._mailbox.beat()
        try:
            return self._followed()
        finally:
            self._clean()

    def _send(self, parcel: Parcel) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            packed = parcel(Path(scratch) / "work.tar.gz")
            sent = packed.path.stat().st_size
            self._say(
                f"Sending {len(packed.state):,} files, {packed.size:,} bytes ({sent:,} packed) …"
            )
            self._mailbox.post(self.run, packed.path, packed.state)

    def _followed(self) -> Result:
        """Ctrl-C asks the command to end; a second one does not wait for that."""
        try:
            end = self._following.to_the_end()
        except KeyboardInterrupt:
            self._say(
                "The command is asked to end, then its files are fetched. Ctrl-C again: at once."
            )
            end = self._farewell()
        return self._fetched(end)

    def _farewell(self) -> End:
        ends = time.monotonic() + FAREWELL
        try:
            self._mailbox.stop()
            while time.monotonic() < ends:
                if end := self._following.look():
                    return end
                time.sleep(EVERY)
            self._say("It did not end.")
        except KeyboardInterrupt:
            self._say("At once, then.")
        return End(None, "stopped")

    def _fetched(self, end: End) -> Result:
        self._keeps = True  # until its files are here
        with tempfile.TemporaryDirectory() as scratch:
            packet = Path(scratch) / "out.tar.gz"
            files: list[str] = []
            if self._mailbox.outputs(packet):
                sent = self._mailbox.sent()
                files = unpack(packet, Path(self.run.folder), sent, self.run.id)
        self._keeps = False
        return Result(end, files)

    def _clean(self) -> None:
        """Nothing is left. Run again by `remote stop` where it cannot be done now."""
        gone = self._ground.clear()
        if self._keeps:
            self._say(
                f"Its files are kept: `classifycloud remote attach {self.run.id}` fetches them."
            )
        else:
            self._mailbox.clear()
        if gone:
            self._say(f"{', '.join(gone)} is ended.")
