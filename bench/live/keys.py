"""API keys of a service that runs here."""

import asyncio
import subprocess
from pathlib import Path

from bench.live.service import COMMAND


async def key(data: Path, client: str, *options: str) -> str:
    """A new key of a client, with further options of `classifycloud keys add`."""
    command = [str(COMMAND), "keys", "add", client, "--data", str(data), *options]
    made = await asyncio.to_thread(
        subprocess.run, command, check=True, capture_output=True, text=True
    )
    return made.stdout.strip()
