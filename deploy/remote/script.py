"""What the instance is told at its start, and what SSM is asked to run. Pure."""

import shlex
from pathlib import Path

from deploy.remote.name import Run

SPARE = 20  # minutes beyond the run's own, for SSM: more than the far side has
UNTOLD = 20  # minutes an instance lives that nobody tells what to do
HOME = "/var/tmp/classifycloud-remote"  # noqa: S108 - on a machine that is its own
PYTHON = "/opt/classifycloud/venv/bin/python"  # of the project's image
AGENT = Path(__file__).parents[2] / "ami" / "ssm-agent.sh"
FAR = Path(__file__).with_name("far.py")
MARK = "END_OF_FAR"


def user_data() -> str:
    """Ends the instance where its terminal was gone before it could say anything; starts SSM's agent, as a
    service or as Ubuntu's snap, or installs it where Debian's image has none."""
    agent = AGENT.read_text(encoding="utf-8") if AGENT.is_file() else "exit 1"
    return (
        f"#!/bin/bash\nshutdown -P +{UNTOLD}\n"
        "systemctl start amazon-ssm-agent 2>/dev/null && exit\n"
        "snap start amazon-ssm-agent 2>/dev/null && exit\n"
        f"{agent}"
    )


def patience(run: Run) -> int:
    """Seconds that SSM lets the far side live: that one ends its command before, and packs its outputs."""
    return 60 * (run.minutes + SPARE)


def lines(
    run: Run, region: str, bucket: str, python: str = PYTHON, program: str = "shutdown"
) -> list[str]:
    """For a shell, as root: the far side, sent along so that no image is too old for it.

    Args:
        python: with boto3; what is called python3 there if it is not.
        program: ends the machine; `true` where that is not the run's own.
    """
    words = shlex.join([region, bucket, run.id, f"{HOME}/{run.id}", program])
    return [
        "set -eu",
        f"mkdir -p {HOME}",
        f"cat > {HOME}/far.py <<'{MARK}'",
        *FAR.read_text(encoding="utf-8").splitlines(),
        MARK,
        f"python={python}",
        '[ -x "$python" ] || python=$(command -v python3)',
        '"$python" -c "import boto3" 2>/dev/null || "$python" -m pip install --quiet boto3',
        f'exec "$python" {HOME}/far.py {words}',
    ]
