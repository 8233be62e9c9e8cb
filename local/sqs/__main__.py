"""`python -m local.sqs --port 9324 --data DIR`: serve SQS on 127.0.0.1 from one folder."""

import argparse
import logging
import sys
from pathlib import Path

from local.endpoint import HOST, port_number
from local.faults.errors import FaultsUnusableError
from local.sqs.database import DatabaseUnusableError, FolderInUseError
from local.sqs.server import serve


def main() -> int:
    """0 after an orderly end, 1 with a reason on stderr where it cannot start."""
    parser = _parser()
    options = parser.parse_args()
    if options.faults is not None and options.flush is not None:
        parser.error("--flush goes without --faults")
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("local.sqs").setLevel(logging.INFO)
    try:
        _serve(options)
    except (FolderInUseError, DatabaseUnusableError, FaultsUnusableError) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    except OSError as problem:
        print(f"cannot serve on {HOST}:{options.port}: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _serve(options: argparse.Namespace) -> None:
    where = (options.port, options.data, options.region, options.rest)
    if options.faults is None:
        serve(*where, options.flush)
        return
    from local.sqs import faulty_server

    faulty_server.serve(*where, options.faults)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.sqs", description=__doc__)
    parser.add_argument("--port", type=port_number, default=9324, help="0 takes any free port")
    parser.add_argument("--data", type=Path, default=Path(".classifycloud/sqs"), metavar="DIR")
    parser.add_argument("--region", default="us-east-1", help="the region in queue ARNs")
    parser.add_argument(
        "--rest",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="how long a deleted name rests and purges must be apart; AWS: 60",
    )
    parser.add_argument(
        "--flush",
        type=float,
        metavar="SECONDS",
        help="have what was written on the disk so often; unset: when the kernel sees fit",
    )
    parser.add_argument("--faults", metavar="FILE|JSON", help="for tests: see local/faults")
    return parser


if __name__ == "__main__":
    sys.exit(main())
