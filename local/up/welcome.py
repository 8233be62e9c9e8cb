"""What is said once everything runs: the address, who may ask, and commands that work as printed."""

import shlex
import shutil
import sys
from pathlib import Path

from local.samples import FIRST, FOLDER

PHOTO = FOLDER / "chelsea.jpg"  # what the second curl sends: a cat


def service_url(host: str, port: int) -> str:
    """The address under which a person on this machine reaches the api.

    An address that means every interface is none that one can connect to everywhere.
    """
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}
    return f"http://{reachable.get(host, f'[{host}]' if ':' in host else host)}:{port}"


def near(path: Path, here: Path) -> Path:
    """The path as one writes it in the folder `here`: relative when it lies below, else absolute."""
    return path.relative_to(here) if path.is_relative_to(here) else path


def command() -> str:
    """How this command is called from here: by its name where the shell finds it, else by its path."""
    own = Path(sys.argv[0]).absolute()
    found = shutil.which("classifycloud")
    by_name = own.name != "classifycloud" or (found and Path(found).absolute() == own)
    return "classifycloud" if by_name else shlex.quote(str(near(own, Path.cwd())))


def welcome(url: str, samples: str, photo: Path, data: Path) -> str:
    """The text; `samples` is the sample server's host:port, `photo` a picture's file."""
    return f"""
ClassifyCloud runs at {url}   (/operate shows the fleet, /docs every call)

  curl '{url}/classify?url=http://{samples}/{FIRST}'
  curl -F {shlex.quote(f"file=@{photo}")} {url}/classify

Public: whoever reaches this address may ask, without a key and without limit.
Ctrl-C stops it. Data and logs: {data}
"""


def welcome_with_keys(url: str, samples: str, photo: Path, data: Path) -> str:
    """The same for a service that asks for keys."""
    header = '-H "X-API-Key: $KEY"'
    return f"""
ClassifyCloud runs at {url}   (/operate shows the fleet, /docs every call)

  KEY=$({command()} keys add me --data {shlex.quote(str(data))})   # opens within 5 s
  curl {header} '{url}/classify?url=http://{samples}/{FIRST}'
  curl {header} -F {shlex.quote(f"file=@{photo}")} {url}/classify

Only holders of a key may ask.
Ctrl-C stops it. Data and logs: {data}
"""
