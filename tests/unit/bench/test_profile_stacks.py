"""Sampled stacks become parts, and samples milliseconds of a picture."""

import pytest

from bench.throughput.profile import NATIVE, inside
from bench.throughput.spying import Seen
from bench.throughput.stacks import FRONT_END, LOOP, OTHER, WORKER, folded, milliseconds, part_of

HOME = "/home/a/ClassifyCloud"
SITE = f"{HOME}/.venv/lib/python3.11/site-packages"
STEPS = [
    f"main ({HOME}/worker/__main__.py:45)",
    "Runner.run (/usr/lib/python3.11/asyncio/runners.py:118)",
]


@pytest.mark.parametrize(
    ("frames", "part"),
    [
        ([*STEPS], LOOP),
        (["main (/somewhere/else.py:3)"], OTHER),
        ([*STEPS, f"Journey.travel ({HOME}/worker/journey.py:70)"], "steps of the journey"),
        (
            [
                *STEPS,
                f"Journey.travel ({HOME}/worker/journey.py:70)",
                f"next_event ({SITE}/h11/_connection.py:4)",
                "validate (/usr/lib/python3.11/re.py:1)",
            ],
            "fetching",
        ),
        ([*STEPS, f"Line.data_received ({HOME}/wire/outside/line.py:50)"], "fetching"),
        ([*STEPS, f"Cell.prepare ({HOME}/worker/decoder/cell.py:88)"], "handing to decoders"),
        ([f"_timed ({HOME}/worker/batcher.py:9)", f"predict ({HOME}/classifier/e.py:2)"], "engine"),
        ([*STEPS, f"Lines.ask ({HOME}/wire/http_lines.py:4)"], "queue and store calls"),
        ([*STEPS, f"x ({SITE}/pydantic/main.py:4)"], "messages"),
    ],
)
def test_the_innermost_file_that_has_a_part_decides(frames, part):
    assert part_of(frames, WORKER) == part


def test_the_front_end_has_parts_of_its_own():
    assert part_of([f"run ({SITE}/uvicorn/server.py:3)"], FRONT_END) == "HTTP"
    assert part_of([f"serve ({HOME}/api/submit.py:3)"], FRONT_END) == "requests and answers"


LINES = [
    f"thread (7): MainThread;f ({HOME}/worker/journey.py:1) 6",
    f"thread (7): MainThread;f ({HOME}/worker/fetch.py:1) 2",
    f"thread (8): engine_0;infer ({SITE}/openvino/_ov_api.py:2) 1",
]


def test_samples_are_counted_by_thread_and_part():
    assert folded(LINES, WORKER) == {
        "7": {"steps of the journey": 6, "fetching": 2},
        "8": {"engine": 1},
    }


def test_what_a_thread_spent_is_shared_by_its_own_samples():
    found = milliseconds(folded(LINES, WORKER), {"7": 0.8, "8": 2.0, "9": 5.0}, pictures=100)
    assert found == pytest.approx({"engine": 20.0, "steps of the journey": 6.0, "fetching": 2.0})


def test_threads_that_no_python_was_seen_in_are_kept_apart_and_the_parts_are_the_whole():
    seen = Seen(LINES, {"7": 0.8, "8": 2.0, "9": 1.2})
    found = inside(seen, WORKER, whole=80.0, done=100)
    assert sum(found.values()) == pytest.approx(80.0)
    assert found[NATIVE] == pytest.approx(24.0)
    assert next(iter(found)) == "engine"
