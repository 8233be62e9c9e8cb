"""A job's journey out of files: its own spans and lines and nobody else's, whatever strangers wrote."""

import json

from cli import journey_logs, journey_report, journey_spans
from cli.journey import Event, Journey, measured
from wire import tracing
from wire.settings import Settings

CARRIED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = CARRIED.split("-")[1]


def spans_of_two_jobs(path) -> None:
    """Both sent by one client, in one trace."""
    tracing.begin("worker", Settings(traces=str(path)))
    try:
        for job, code in (("a", "ok"), ("b", "invalid_image")):
            with tracing.continued("job", CARRIED, 0.5) as span:
                span.say(job=job, code=code)
                with tracing.span("decode" if job == "a" else "fetch"):
                    pass
    finally:
        tracing.end()


def test_only_its_own_spans_are_told(tmp_path):
    path = tmp_path / "spans.jsonl"
    spans_of_two_jobs(path)
    with path.open("a") as file:
        file.write('{"resourceSpans": [{}]}\n"a" and no JSON\n[]\n{"cut": "a"')
    found = {}
    for job in ("a", "b"):
        journey = Journey(job)
        journey_spans.read(journey, path)
        journey.conclude()
        found[job] = (journey.state, journey.outcome, {each.what for each in journey.events})
        assert journey.traces == [TRACE]
    assert found == {
        "a": ("succeeded", "", {"job", "decode"}),
        "b": ("failed", "invalid_image", {"job", "fetch"}),
    }


def test_what_is_not_there_is_said(tmp_path):
    journey = Journey("a")
    journey_spans.read(journey, tmp_path / "spans.jsonl")
    journey_logs.read(journey, tmp_path)
    assert not journey.known
    assert [each.partition(":")[0] for each in journey.unseen] == ["spans", "logs"]


def test_lines_of_the_job_and_of_its_trace_are_told(tmp_path):
    line = {"timestamp": "2026-11-22T04:00:00.5Z", "process": "worker", "instance": "w-1"}
    lines = [
        line
        | {"event": "answered", "job": "a", "level": "info", "url": "http://h/", "result": "x"},
        line | {"event": "tried again", "trace": TRACE, "level": "warning"},
        line | {"event": "another's", "job": "b", "trace": TRACE},
        line | {"event": "a", "process": None, "timestamp": "when"},
    ]
    text = "\n".join([*map(json.dumps, lines), "a traceback that says a", ""])
    (tmp_path / "balancer.log").write_text(text)
    journey = Journey("a", traces=[TRACE])
    journey_logs.read(journey, tmp_path)
    told = [(each.what, each.where, each.detail) for each in journey.events]
    assert told == [
        ("answered", "worker w-1", {"result": "x"}),
        ("tried again", "worker w-1", {"level": "warning"}),
    ]


def test_what_was_reckoned_gives_way_to_what_was_measured():
    rough = Event(1.0, "fetch", "worker", "record", 0.5, rough=True)
    exact = Event(1.1, "fetch", "worker", "span", 0.4)
    logged = Event(0.5, "job sent", "api", "log")
    assert measured(Journey("a", events=[rough, logged])) == [logged, rough]
    assert measured(Journey("a", events=[rough, exact, logged])) == [logged, exact]


def test_strangers_write_no_control_characters_into_a_terminal():
    event = Event(0.0, "\x1b[31mred", "worker", "log", detail={"result": "a\nb\x7f"})
    journey = Journey("a", outcome="\x1b]0;title\x07", url="http://h/\r", events=[event])
    text = journey_report.told(journey)
    assert not [each for each in text if each != "\n" and (ord(each) < 32 or ord(each) == 127)]
    assert "a\\nb" in text
    assert json.loads(json.dumps(journey_report.as_document(journey)))["journey"]
