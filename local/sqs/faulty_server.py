"""Wires the SQS endpoint with faults; see `local.faults`. Loaded only when they are asked for."""

import contextlib
from pathlib import Path

from local.endpoint import bound
from local.faults import wiring
from local.faults.rules import read
from local.sqs.app import SqsApp
from local.sqs.database import Database
from local.sqs.handles import HandleCodec
from local.sqs.server import log, now_ms, run
from local.sqs.unreliable import UnreliableBroker


def serve(port: int, folder: Path, region: str, rest_s: float, faults: str) -> None:
    """As `server.serve`; `faults` is the document or the file that holds it.

    Raises FaultsUnusableError besides what `server.serve` raises.
    """
    dice = wiring.sqs_dice(read(faults))
    with contextlib.closing(Database(folder)) as database, bound(port) as listener:
        broker = UnreliableBroker(database, now_ms, rest_s, dice)
        app = SqsApp(broker, HandleCodec(database.nonce), region)
        log.warning("faults are on: %d rules", len(dice.counts()))
        run(wiring.faulty_sqs(app, dice), broker, database, listener)
