"""The log as it happens, until the end; a connection that is lost meanwhile is waited for."""

import time
from collections.abc import Callable

from deploy.errors import DeployError
from deploy.remote.ground import Ground
from deploy.remote.mailbox import End, Mailbox
from deploy.remote.name import Run

EVERY = 1.0  # seconds between looks at the log
BEATS = 15.0  # seconds between signs of life at most
LOOKS = 10.0  # seconds between looks whether the instance is there

Write = Callable[[bytes], None]
Say = Callable[[str], None]


class Following:
    """One terminal that follows one run.

    Args:
        write: gets the command's own words.
        say: gets ours.
    """

    def __init__(self, mailbox: Mailbox, ground: Ground, run: Run, write: Write, say: Say) -> None:
        self._mailbox, self._ground, self._run = mailbox, ground, run
        self._write, self._say = write, say
        self._every = min(BEATS, run.grace / 4) if run.grace else BEATS
        self._beat = self._looked = time.monotonic()
        self._lost = False

    def to_the_end(self) -> End:
        """Until the command has ended, or there is no instance that could go on with it.

        Raises:
            DeployError: the command could not even begin.
        """
        while True:
            try:
                if end := self._step():
                    return end
                if self._lost:
                    self._say("The connection is back.")
                self._lost = False
            except DeployError as error:
                if not isinstance(error.__cause__, Exception):
                    raise
                if not self._lost:
                    self._say(f"{error}\nTrying again; the run goes on meanwhile.")
                self._lost = True
            time.sleep(EVERY)

    def look(self) -> End | None:
        """Write what is new; the end, if there is one."""
        self._tell()
        return self._ended()

    def _step(self) -> End | None:
        if end := self.look():
            return end
        now = time.monotonic()
        if now - self._beat > self._every:
            self._mailbox.beat()
            self._beat = now
        if now - self._looked > LOOKS:
            self._looked = now
            return self._gone()
        return None

    def _tell(self) -> None:
        for piece in self._mailbox.pieces():
            self._write(piece)

    def _ended(self) -> End | None:
        end = self._mailbox.end()
        if end is not None:
            self._tell()  # the end is put after the last of the log
        return end

    def _gone(self) -> End | None:
        if why := self._ground.trouble():
            # It may have ended as it should, and nobody heard because the machine went down at once.
            return self._ended() or _failed(why)
        if self._ground.lives():
            return None
        return self._ended() or End(None, "gone")


def _failed(why: str) -> End:
    raise DeployError(f"The command could not be run there: {why}")
