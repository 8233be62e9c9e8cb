"""The process in which the whole service runs, cut off from the real Internet, with one of its own.

Reads a question a line, answers a line; see `client.py`. Ends at the end of its input.
"""

import asyncio
import base64
import contextlib
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

import httpx

from classifier.catalog import BUNDLED
from tests import color_bundle
from tests.acceptance.hostile import behaviors, zone
from tests.acceptance.hostile.certificates import Authority
from tests.acceptance.hostile.dns_server import NameServer
from tests.acceptance.hostile.origin import Hosts
from tests.acceptance.hostile.sniffer import Packet, Sniffer
from tests.acceptance.hostile.tls import Tls
from tests.acceptance.hostile.watch import Processes
from tests.service import Service

FETCH_SECONDS = 3
PATIENCE_S = 180  # for the service to be ready


class World:
    """The service among its hosts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sniffer = Sniffer()
        self.names = NameServer(zone.ZONE)
        self.authority = Authority(folder)
        self.hosts = Hosts(behaviors.ALL, Tls(self.authority).start)
        self.client = httpx.AsyncClient(timeout=150, trust_env=False)
        self._models = color_bundle.write(folder / "models").parents[1]
        for name in BUNDLED.iterdir():
            (self._models / name.name).symlink_to(name)

    async def open(self) -> None:
        await self.names.listen(zone.NAMESERVER)
        await self.hosts.listen()
        self._full = _full_backlog(zone.FULL)

    def start(self) -> Service:
        """The real service: front end, queue, store, balancer, one worker."""
        data = self.folder / "data"
        return Service(
            data,
            "--min-workers",
            "1",
            "--max-workers",
            "1",
            test_data=str(data),
            models=str(self._models),
            model="colors",
            fetch_timeout=str(FETCH_SECONDS),
        )

    async def asked(self, service: Service, question: dict[str, Any]) -> dict[str, Any]:
        """What the front end answers, and which packets went where meanwhile."""
        self.sniffer.take()
        self.hosts.requests.clear()
        self.hosts.tripped.clear()
        self.names.names.clear()
        answer = await self._sent(service, question)
        return {
            "status": answer.status_code,
            "headers": dict(answer.headers),
            "body": answer.text,
            **self.seen(),
        }

    async def volley(self, service: Service, question: dict[str, Any]) -> dict[str, Any]:
        """Many requests, some at a time; the status and the error's code of each, in their order."""
        turn = asyncio.Semaphore(question["at_once"])

        async def one(part: dict[str, Any]) -> list[Any]:
            async with turn:
                answer = await self._sent(service, part)
            return [answer.status_code, answer.json().get("error", {}).get("code")]

        return {"replies": await asyncio.gather(*map(one, question["parts"]))}

    async def _sent(self, service: Service, question: dict[str, Any]) -> httpx.Response:
        return await self.client.request(
            question["method"],
            f"{service.url}{question['path']}",
            headers=question.get("headers", {}),
            content=base64.b64decode(question["body"]) if "body" in question else None,
        )

    def seen(self) -> dict[str, Any]:
        """Every packet since the last look but those between the service's own parts."""
        return {
            "packets": [str(packet) for packet in self.sniffer.take() if _leaves(packet)],
            "requests": [[r.address, r.target, dict(r.headers)] for r in self.hosts.requests],
            "tripped": list(self.hosts.tripped),
            "names": list(self.names.names),
        }


def _leaves(packet: Packet) -> bool:
    """Ports of the service's own parts are free ones, which are high."""
    own = packet.address == "127.0.0.1" and packet.protocol == "tcp" and packet.port >= 10000
    return not own and packet.address != zone.NAMESERVER


def _full_backlog(address: str) -> list[socket.socket]:
    """A listener with no room left: a further SYN is not answered."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((address, 80))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(1)]
    for caller in waiting:
        caller.setblocking(False)
        caller.connect_ex((address, 80))
    return [listener, *waiting]


async def _serve(world: World) -> None:
    await world.open()
    os.environ["SSL_CERT_FILE"] = str(world.authority.trust)
    service = world.start()
    processes = Processes(service)
    try:
        await asyncio.to_thread(service.wait_ready, 1, PATIENCE_S)
        _say({"ready": True})
        watching = asyncio.create_task(processes.watch())
        while line := await asyncio.to_thread(sys.stdin.readline):
            _say(await _turn(world, service, processes, json.loads(line)))
        watching.cancel()
    finally:
        await asyncio.to_thread(service.stop)
        _say({"left": processes.left()})


async def _turn(
    world: World, service: Service, processes: Processes, question: dict[str, Any]
) -> dict[str, Any]:
    try:
        match question["do"]:
            case "ask":
                return await world.asked(service, question)
            case "dial":
                return await _dialed(world, question["address"], question["port"])
            case "volley":
                return await world.volley(service, question)
            case "processes":
                return await asyncio.to_thread(processes.now)
    except Exception as error:
        return {"failed": repr(error)}
    return {"failed": f"cannot {question['do']}"}


async def _dialed(world: World, address: str, port: int) -> dict[str, Any]:
    """Connect as a fetcher without guard would, to see that it is seen."""
    world.sniffer.take()
    world.hosts.tripped.clear()
    with contextlib.suppress(OSError, TimeoutError):
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 5)
        writer.write(b"GET /red HTTP/1.1\r\n\r\n")
        await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    return world.seen()


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    folder = Path(sys.argv[1])
    asyncio.run(_serve(World(folder)))


if __name__ == "__main__":
    main()
