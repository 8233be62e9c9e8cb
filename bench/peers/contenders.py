"""Who is measured: each way to serve, with each engine it is measured with."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.peers.line import Door, get, post_list, post_one

TENSORFLOW, OPENVINO = "tensorflow", "openvino"
ENGINES = (OPENVINO, TENSORFLOW)
OURS = "classifycloud"


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to serve.

    Attributes:
        environment: the requirements file, and the virtual environment, that it runs in.
        command: what follows the environment's folder of commands; `{port}` is filled in.
        door: how it is asked.
        engines: which ones it is measured with.
        title: for tables.
    """

    title: str
    environment: str
    command: tuple[str, ...]
    door: Door
    engines: tuple[str, ...] = ENGINES


SERVERS = "bench.peers.servers"
PEERS = {
    "naive": Peer(
        "FastAPI + Keras predict",
        "fastapi",
        ("python", "-m", f"{SERVERS}.naive"),
        get,
        (TENSORFLOW,),
    ),
    "micro": Peer("FastAPI + micro-batcher", "fastapi", ("python", "-m", f"{SERVERS}.micro"), get),
    "litserve": Peer("LitServe", "litserve", ("python", "-m", f"{SERVERS}.lit"), post_one),
    "bentoml": Peer(
        "BentoML",
        "bentoml",
        ("bentoml", "serve", f"{SERVERS}.bento:Classifier", "--host", "127.0.0.1")
        + ("--port", "{port}", "--working-dir", "{root}"),
        post_list,
    ),
    "rayserve": Peer("Ray Serve", "rayserve", ("python", "-m", f"{SERVERS}.replica"), get),
    "mosec": Peer(
        "mosec",
        "mosec",
        ("python", "-m", f"{SERVERS}.stages", "--address", "127.0.0.1", "--port", "{port}")
        + ("--timeout", "100000"),
        post_one,
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Contender:
    """A peer, or ours, with an engine."""

    peer: str
    engine: str

    @property
    def title(self) -> str:
        return "ClassifyCloud" if self.peer == OURS else PEERS[self.peer].title

    @property
    def door(self) -> Door:
        return get if self.peer == OURS else PEERS[self.peer].door


def chosen(peers: Sequence[str], engines: Sequence[str]) -> list[Contender]:
    """Ours first, then every peer with every engine it can be measured with.

    Raises:
        ValueError: a name that does not exist; the text lists those that do.
    """
    for names, known in ((peers, [OURS, *PEERS]), (engines, list(ENGINES))):
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"{', '.join(unknown)}: choose from {', '.join(known)}")
    found = [Contender(OURS, OPENVINO)] if OURS in peers and OPENVINO in engines else []
    return found + [
        Contender(name, engine)
        for name, peer in PEERS.items()
        for engine in ENGINES
        if name in peers and engine in engines and engine in peer.engines
    ]
