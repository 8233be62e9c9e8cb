"""Front ends behind nginx: the replica of a running service, another one beside it, and the shipped proxy."""

import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.servers import ROOT
from tests.service import Service, free_port, wait_until

SHIPPED = ROOT / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@contextlib.contextmanager
def second(running: Service, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Another `python -m api` of the same service: the process, and its port."""
    (first,) = wait_until(lambda: running.pids("api"), 120, "there is a front end")
    port = free_port()
    environment = psutil.Process(first).environ() | {"CLASSIFYCLOUD_PORT": str(port)}
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "api"], env=environment, stdout=sink, stderr=sink
        )
    try:
        wait_until(lambda: _is_ready(port), 120, "the second replica is ready")
        yield process, port
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def proxied(folder: Path, *ports: int) -> Iterator[str]:
    """nginx as it is shipped, but for ports and places, in front of two; its address."""
    assert NGINX is not None
    port = free_port()
    (folder / "nginx.conf").write_text(_placed(SHIPPED.read_text(), folder, port, ports))
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with (folder / "nginx.log").open("wb") as sink:
        process = subprocess.Popen([*command, "-e", str(folder / "error.log")], stderr=sink)
    try:
        wait_until(lambda: _is_ready(port), 60, "nginx is ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def _placed(text: str, folder: Path, port: int, ports: tuple[int, ...]) -> str:
    wanted = iter(ports)
    text, servers = re.subn(
        r"server 127\.0\.0\.1:\d+", lambda _: f"server 127.0.0.1:{next(wanted)}", text
    )
    text, listens = re.subn(r"listen \d+", f"listen 127.0.0.1:{port}", text)
    text, pids = re.subn(r"pid .*;", f"pid {folder}/nginx.pid;", text)
    assert (servers, listens, pids) == (len(ports), 1, 1)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    return text.replace("http {\n", f"http {{\n{places}", 1)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
