"""What runs: each part's command, when it counts as ready, what it waits for, how long it may take to end.

Pure data; nothing here starts anything.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from local.up.ports import LOOPBACK

OK = frozenset({200})


@dataclass(frozen=True, slots=True)
class Ready:
    """The HTTP request whose answer tells that a part is ready."""

    url: str
    method: str = "GET"
    accepted: frozenset[int] = OK


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the service.

    Args:
        name: as it stands in the terminal, and the stem of its log's name.
        command: program and arguments.
        ready: when it is.
        after: parts that must have been ready once before it starts the first time.
        grace: seconds from SIGTERM to SIGKILL.
        shown: what the line that says it is ready adds.
    """

    name: str
    command: tuple[str, ...]
    ready: Ready
    after: tuple[str, ...] = ()
    grace: float = 10.0
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens, all on loopback but the api, whose address is a setting."""

    api: int
    sqs: int
    storage: int
    samples: int
    balancer: int

    @property
    def sqs_url(self) -> str:
        return f"http://{LOOPBACK}:{self.sqs}"

    @property
    def storage_url(self) -> str:
        return f"http://{LOOPBACK}:{self.storage}"

    @property
    def samples_address(self) -> str:
        return f"{LOOPBACK}:{self.samples}"


@dataclass(frozen=True, slots=True)
class Graces:
    """Seconds in which the two parts that finish work before they go have to do so."""

    api: float
    balancer: float


def service_parts(
    data: Path, ports: Ports, api_url: str, bucket: str, graces: Graces
) -> tuple[Part, ...]:
    """Every part, in the order in which they are stopped.

    The api goes first, while everything that can answer its clients still runs; the queue that all
    others use goes last. All start at once but those that the first answer does not wait for, which leave the
    cores to the others until the balancer has started its workers: every process waits for queues that
    are away, and the api listens before it has loaded.
    """

    def module(name: str, *arguments: str) -> tuple[str, ...]:
        # -P, because -m alone looks in the current folder first, and `up` may be called in a
        # project that has an `api` of its own.
        return (sys.executable, "-P", "-m", name, *arguments)

    return (
        Part(
            "api",
            module("api"),
            Ready(f"{api_url}/readyz"),
            grace=graces.api,
            shown=api_url,
        ),
        Part(
            "balancer",
            module("balancer"),
            Ready(f"http://{LOOPBACK}:{ports.balancer}/metrics"),
            grace=graces.balancer,
            shown=f"metrics on {LOOPBACK}:{ports.balancer}",
        ),
        Part(
            "samples",
            module("local.samples", "--port", str(ports.samples)),
            # Any answer will do, and it has no other page.
            Ready(f"http://{ports.samples_address}/", accepted=frozenset({404})),
            after=("balancer",),
            shown=f"pictures on {ports.samples_address}",
        ),
        Part(
            "storage",
            module("local.storage", "--port", str(ports.storage), "--data", str(data / "storage")),
            # S3's CreateBucket: 409 is its answer when the bucket is there already. A storage
            # without the bucket is of no use, so that making it is what shows that it is ready.
            Ready(f"{ports.storage_url}/{bucket}", "PUT", frozenset({200, 409})),
            after=("balancer",),
            shown=f"S3 and CloudWatch on {LOOPBACK}:{ports.storage}",
        ),
        Part(
            "sqs",
            module("local.sqs", "--port", str(ports.sqs), "--data", str(data / "sqs")),
            Ready(f"{ports.sqs_url}/health"),
            shown=f"queues on {LOOPBACK}:{ports.sqs}",
        ),
    )
