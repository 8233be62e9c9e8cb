"""What runs on the instance that becomes an image, as text. Pure."""

from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from shlex import quote

PLACE = "/var/tmp/classifycloud-bake"  # noqa: S108  on a machine that nobody else has


def provision(source: str, log: str) -> list[str]:
    """The lines that SSM runs as root.

    Args:
        source: URL that the archive is read from.
        log: URL that the whole output is put to; SSM itself keeps the first 24 000 characters.
    """
    return [
        "set -eu",
        f"rm -rf {PLACE} && mkdir -p {PLACE}/source && cd {PLACE}",
        f"curl -fsSL --retry 5 -o source.tar.gz {quote(source)}",
        "tar -xzf source.tar.gz -C source && rm source.tar.gz",
        "status=0; bash source/ami/provision.sh source > log 2>&1 || status=$?",
        f"curl -fsSL --retry 3 -T log {quote(log)} || true",
        "tail -c 4000 log",
        f"cd / && rm -rf {PLACE}",
        "exit $status",
    ]


def user_data(agent: str, minutes: int) -> str:
    """The machine ends itself, whatever becomes of whoever launched it; then its agent is installed.

    Two parts, as cloud-init takes them: a timer that each boot sets anew, for the image's making restarts
    the machine, and what runs at the first one only. Neither is run by a machine of the image.

    Args:
        agent: a script for bash.
        minutes: from a boot to the end.
    """
    timer = f"#!/bin/sh\nexec systemd-run --no-block --on-active={minutes}min systemctl poweroff\n"
    first = f"#!/bin/bash\nshutdown -h +{minutes} 'nobody came back for this bake'\n{agent}\n"
    whole = MIMEMultipart()
    whole.attach(MIMEText(timer, "cloud-boothook", "us-ascii"))
    whole.attach(MIMEText(first, "x-shellscript", "us-ascii"))
    return whole.as_string()
