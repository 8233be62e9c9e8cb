"""Sampled stacks folded into parts: what each sample was spent on, told by the files on its stack."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Rules: TypeAlias = Sequence[tuple[str, re.Pattern[str]]]
"""Parts and the files that belong to them; of a stack, the innermost frame that has a part decides."""

Folded: TypeAlias = dict[str, Counter[str]]
"""Thread -> part -> samples."""

LOOP = "event loop"
OTHER = "other Python"
HEAD = re.compile(r"^thread \((?P<thread>[^)]*)\)")
PLACE = re.compile(r"\((?P<file>[^():]+)(?::\d+)?\)$")
MACHINERY = re.compile(r"/?(asyncio|concurrent/futures|selectors\.py|threading\.py|uvloop)")


def rules(**parts: str) -> Rules:
    """One pattern of file names a part, in the order in which they are tried; `_` stands for a blank."""
    return [(part.replace("_", " "), re.compile(pattern)) for part, pattern in parts.items()]


WORKER = rules(
    queue_and_store_calls=r"botocore|boto3|urllib3|s3transfer|wire/(aws|sqs|store|gather|queues|express"
    r"|http_lines)\.py",
    fetching=r"httpcore2|h11/|anyio|worker/(fetch|inflate|request|places|breaker"
    r"|retry|pictures|faults|pool)\.py|wire/(urls|addresses|hosts|outside/\w+)\.py",
    handing_to_decoders=r"worker/decoder/",
    engine=r"classifier/|openvino|worker/(batcher|models)\.py",
    messages=r"pydantic|wire/(messages|records)\.py|/json/",
    logging=r"structlog|/logging/|wire/log\.py",
    steps_of_the_journey=r"worker/|wire/",
)
FRONT_END = rules(
    queue_and_store_calls=r"botocore|boto3|urllib3|wire/(aws|sqs|store|gather|queues|express"
    r"|http_lines)\.py",
    messages=r"pydantic|wire/(messages|records)\.py|/json/",
    logging=r"structlog|/logging/|wire/log\.py",
    HTTP=r"uvicorn|httptools|h11/",
    framework=r"starlette|fastapi",
    requests_and_answers=r"api/|wire/",
)


def folded(lines: Iterable[str], parts: Rules) -> Folded:
    """Samples by thread and part.

    Args:
        lines: py-spy's raw format with threads: `thread (id): name;frame (file:line);... count`.
        parts: of the process that was sampled.
    """
    found: Folded = {}
    for line in lines:
        stack, _, count = line.rstrip().rpartition(" ")
        thread, frames = _split(stack)
        found.setdefault(thread, Counter())[part_of(frames, parts)] += int(count)
    return found


def part_of(frames: Sequence[str], parts: Rules) -> str:
    """What a stack, outermost frame first, was at work on."""
    # What a process begins in is on every stack, also where the loop itself is at work, in C.
    found = [match["file"] for frame in frames if (match := PLACE.search(frame))]
    places = [place for place in found if not place.endswith("__main__.py")]
    for place in reversed(places):
        for part, pattern in parts:
            if pattern.search(place):
                return part
    return LOOP if any(MACHINERY.search(place) for place in places) else OTHER


def milliseconds(samples: Folded, cpu: dict[str, float], pictures: int) -> dict[str, float]:
    """CPU a picture by part: what a thread spent is shared by its samples.

    Args:
        samples: by thread and part.
        cpu: seconds by thread; those that no Python was seen in are left out here.
        pictures: answered meanwhile.
    """
    found: Counter[str] = Counter()
    for thread, counts in samples.items():
        each = 1000 * cpu.get(thread, 0.0) / pictures / counts.total()
        for part, count in counts.items():
            found[part] += each * count  # type: ignore[assignment]
    return dict(found.most_common())


def _split(stack: str) -> tuple[str, list[str]]:
    first, *frames = stack.split(";")
    match = HEAD.match(first)
    return (match["thread"], frames) if match else ("", [first, *frames])
