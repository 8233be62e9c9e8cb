"""What is said once everything runs: the address, and two commands that work as they are printed."""

from pathlib import Path

from local.samples import FIRST


def service_url(host: str, port: int) -> str:
    """The address under which a person on this machine reaches the api.

    An address that means every interface is none that one can connect to everywhere.
    """
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}
    return f"http://{reachable.get(host, f'[{host}]' if ':' in host else host)}:{port}"


def welcome(url: str, samples: str, data: Path) -> str:
    """The text; `samples` is the sample server's host:port."""
    return f"""
ClassifyCloud runs at {url}   (its pages: {url}/docs)

  curl '{url}/classify?url=http://{samples}/{FIRST}'
  curl -F file=@photo.jpg {url}/classify

Ctrl-C stops it. Data and logs: {data}
"""
