"""The folder of results: what it is of, which pieces are there, and that all are."""

import json
from typing import Any

from training.spark.bulk import storage
from training.spark.bulk.pieces import Piece, Source, part
from training.spark.errors import ExecutorsUnfit, OutputMismatch

DESCRIPTION, FINISHED = "_classified.json", "_SUCCESS"
"""Names that begin with _ are no data to whoever reads the folder as one table."""


class Output:
    """Results of one input, network and question.

    Args:
        address: a folder that all machines share, or s3://.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._place = storage.at(address)

    def begin(self, identity: dict[str, Any]) -> None:
        """Take the folder for these results, or go on with them.

        Raises:
            OutputMismatch: it holds others, or other files.
            OSError: it cannot be written.
        """
        if not self.begun(identity):
            self._place.write(DESCRIPTION, json.dumps(identity, indent=2).encode())

    def begun(self, identity: dict[str, Any]) -> bool:
        """Whether some of these results may be there already; raises OutputMismatch."""
        names = set(self._place.names())
        if DESCRIPTION in names:
            before = json.loads(self._place.read(DESCRIPTION))
            differing = [key for key in identity if before.get(key) != identity[key]]
            if differing:
                raise OutputMismatch(
                    f"{self.address} holds results of another {', '.join(differing)} "
                    f"({before.get(differing[0])}): give a new --output"
                )
            return True
        if names:
            raise OutputMismatch(
                f"{self.address} holds other files ({min(names)}): give a new --output"
            )
        return False

    def missing(self, source: Source) -> list[Piece]:
        """Pieces without a file of results."""
        there = set(self._place.names())
        return [piece for piece in source.pieces if part(piece.number) not in there]

    def finish(self, source: Source) -> None:
        """Say that all results are there.

        Raises:
            ExecutorsUnfit: they are not, though their tasks ended well.
        """
        if absent := self.missing(source):
            raise ExecutorsUnfit(
                f"{len(absent)} files of results were written and are not in {self.address}: it must be "
                "a folder that the driver and all executors share, or s3://"
            )
        self._place.write(FINISHED, b"")
