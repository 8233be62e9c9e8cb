"""The clients of the service: each asks anew as soon as it is answered, for another picture each time."""

from bench.live.closed_loop import Answers, hammer
from bench.live.line import Line, opened
from bench.throughput.pictures import Origin


async def ask(url: str, origin: Origin, clients: int, seconds: float) -> Answers:
    """So many clients of the service at this URL for so long."""

    async def line() -> Line:
        return await opened(url, {})

    return await hammer(line, origin.next, clients, seconds)
