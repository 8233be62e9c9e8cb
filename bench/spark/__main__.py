"""`python -m bench.spark DATA`: what training on Spark moves, and what classifying in bulk takes.

See `training.spark.measured`, which does it, in a process with a network of its own.
"""

import os
import subprocess
import sys


def main() -> int:
    """As the measuring ends."""
    asked = [sys.executable, "-m", "training.spark.measured", *sys.argv[1:]]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(asked, env=quiet, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
