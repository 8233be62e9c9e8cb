"""End every worker that a folder of records names: `python -m balancer.fleets.sweep FLEET_DIR`.

For whoever finds the balancer killed. A record is a claim only: a pid that belongs to another process
by now is left alone.
"""

import argparse
from pathlib import Path

from balancer.fleets.records import Records, located
from balancer.fleets.stopping import stop_all
from wire import log


def sweep(folder: Path, grace: float) -> int:
    """End the workers, within `grace` seconds if they can; returns how many there were."""
    if not folder.is_dir():
        return 0
    records = Records(folder)
    claims = records.all()
    alive = [found for claim in claims if (found := located(claim)) is not None]
    stop_all(alive, grace, reap=lambda: None)
    for claim in claims:
        found = located(claim)
        if found is None:
            records.remove(claim.id)
    return len(alive)


def main() -> None:
    parser = argparse.ArgumentParser(description="End every worker recorded in a fleet's folder.")
    parser.add_argument("folder", type=Path, help="the fleet's folder of records")
    parser.add_argument("--grace", type=float, default=20.0, help="seconds to finish in")
    given = parser.parse_args()
    log.configure("sweep")
    ended = sweep(given.folder, given.grace)
    log.get(__name__).info("fleet swept", folder=str(given.folder), ended=ended)


if __name__ == "__main__":
    main()
