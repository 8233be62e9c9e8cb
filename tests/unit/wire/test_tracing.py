"""Spans: off they cost no import, on they hang together, and no collector's death is felt."""

import asyncio
import http.server
import json
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from tests.logged import capture_logs
from wire import log, tracing
from wire.settings import Settings, SettingsError
from wire.tracing import parents, places
from wire.tracing.file import SpanFile

ROOT = Path(__file__).resolve().parents[3]
CARRIED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(tmp_path) -> Iterator[Path]:
    path = tmp_path / "spans.jsonl"
    tracing.begin("test", Settings(traces=str(path)))
    yield path
    tracing.end()


def read(path: Path) -> dict[str, dict]:
    tracing.end()
    documents = [json.loads(line) for line in path.read_text().splitlines()]
    found = [each["resourceSpans"][0]["scopeSpans"][0]["spans"][0] for each in documents]
    return {each["name"]: each for each in found}


def said(span: dict) -> dict:
    return {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}


def run(code: str, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds)


def test_off_no_worker_imports_opentelemetry():
    done = run(
        """
        import sys, worker.__main__, worker.assembly
        from wire import tracing
        from wire.settings import Settings
        tracing.begin("worker", Settings())
        with tracing.continued("job", "00-" + "a" * 32 + "-" + "b" * 16 + "-01") as span:
            span.say(job="x")
        assert tracing.carried() is None and tracing.recording() is None
        print(*[name for name in sys.modules if name.startswith(("opentelemetry", "prometheus"))])
        """
    )
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


async def test_parts_hang_under_what_they_are_parts_of(spans):
    async def reply() -> str | None:
        with tracing.span("reply"):
            return tracing.carried()

    with tracing.continued("job", CARRIED, waited=2.0) as job:
        job.say(job="j-1", receives=1)
        with tracing.span("classify", pictures=3) as classify:
            classify.past("batch wait", None, 0.5)
        carried = await asyncio.create_task(reply())
    assert tracing.carried() is None
    found = read(spans)
    trace, parent = CARRIED.split("-")[1:3]
    assert {each["traceId"] for each in found.values()} == {trace}
    assert found["job"]["parentSpanId"] == found["queue wait"]["parentSpanId"] == parent
    assert found["batch wait"]["parentSpanId"] == found["classify"]["spanId"]
    assert carried == f"00-{trace}-{found['reply']['spanId']}-01"
    waited = found["queue wait"]
    assert int(waited["endTimeUnixNano"]) - int(waited["startTimeUnixNano"]) == 2 * 10**9
    assert said(found["job"])["classifycloud.job"] == "j-1"
    assert said(found["classify"]) == {"classifycloud.pictures": "3"}


def test_what_belongs_to_no_request_is_not_recorded(spans):
    with tracing.span("fetch") as span:
        assert span.context is None
    with tracing.continued("job", CARRIED[:-1] + "0"), tracing.span("fetch"):
        assert tracing.trace_id() is None
    with tracing.together("batch", [None, None]):
        pass
    assert read(spans) == {}


def test_a_failed_part_says_its_code_and_not_its_text(spans):
    with pytest.raises(ValueError), tracing.continued("job", CARRIED):
        raise ValueError("http://h/?X-Amz-Signature=s3cr3t")
    assert said(read(spans)["job"])["error.type"] == "ValueError"
    assert "s3cr3t" not in spans.read_text()


def test_a_text_has_no_query_and_an_end(spans):
    with tracing.continued("job", CARRIED) as span:
        span.say(text="http://h/a?b=s3cr3t", long="x" * 1000)
    told = said(read(spans)["job"])
    assert told["classifycloud.text"] == "http://h/a?…"
    assert len(told["classifycloud.long"]) < 200


def test_lines_of_a_traced_request_say_its_trace_and_what_goes_well_is_said_of_it(spans):
    with capture_logs() as lines:
        log.get("here").routine("answered", job="a")
        with tracing.continued("job", CARRIED):
            log.get("here").routine("answered", job="b")
    assert [(each["log_level"], each.get("trace")) for each in lines] == [
        ("debug", None),
        ("info", CARRIED.split("-")[1]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        CARRIED.replace("00-", "ff-", 1),
        CARRIED.upper(),
        CARRIED + "-more",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        CARRIED[:36] + "0" * 16 + "-01",
        "x" * 10_000,
    ],
)
def test_what_is_no_traceparent_has_no_parts(text):
    assert parents.read(text) is None


def test_a_later_version_may_say_more():
    assert parents.read(CARRIED.replace("00-", "cc-", 1) + "-what-the-future-will-be-like")


@given(st.text(alphabet="0123456789abcdef-", max_size=60))
def test_nothing_that_strangers_write_breaks_it(text):
    found = parents.read(text)
    assert found is None or found.is_valid


class Collector:
    """Takes spans over OTLP/HTTP."""

    def __init__(self) -> None:
        collector = self
        self.taken: list[ExportTraceServiceRequest] = []
        self.paths: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                collector.paths.append(self.path)
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.taken.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_a_collector_gets_what_a_process_recorded_until_its_end():
    collector = Collector()
    try:
        tracing.begin("worker", Settings(traces=collector.url), "w-1")
        with tracing.continued("job", CARRIED):
            pass
        tracing.end()
    finally:
        collector.close()
    assert collector.paths == ["/v1/traces"]
    (resource,) = collector.taken[0].resource_spans
    told = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert told["service.name"] == "classifycloud-worker"
    assert told["service.instance.id"] == "w-1"
    assert [span.name for span in resource.scope_spans[0].spans] == ["queue wait", "job"]


@pytest.mark.parametrize("kind", ["mute", "gone"])
def test_a_process_outlives_its_collector_and_ends_without_it(kind):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        if kind == "mute":
            mute.listen(16)  # takes connections and never answers
        done = run(
            """
            import sys
            from wire import log, tracing
            from wire.settings import Settings
            log.configure("worker")
            tracing.begin("worker", Settings(traces=sys.argv[1]))
            for _ in range(10_000):
                with tracing.continued("job", sys.argv[2]):
                    pass
            tracing.end()
            """,
            f"http://127.0.0.1:{mute.getsockname()[1]}",
            CARRIED,
            seconds=25,  # the library's own patience at its end is 30
        )
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {each["event"] for each in lines} <= {"spans not exported"}, "nothing else is said"


class Refusing(SpanExporter):
    def export(self, spans):
        return SpanExportResult.FAILURE

    def shutdown(self):
        pass


def test_lost_spans_are_told_once_a_minute():
    now = [0.0]
    told = places.Told(Refusing(), lambda: now[0])
    with capture_logs() as lines:
        for now[0] in (0.0, 1.0, 59.0, 61.0):
            told.export([None, None])
    assert [each["lost"] for each in lines] == [2, 8]


@pytest.mark.parametrize("where", ["ftp://host", "http://", "/no/such/folder/spans"])
def test_a_place_that_is_none_is_refused_by_its_variable(where):
    with pytest.raises(SettingsError, match="CLASSIFYCLOUD_TRACES="):
        tracing.begin("api", Settings(traces=where))
    assert tracing.recording() is None


def test_a_long_file_begins_anew_and_loses_no_line(tmp_path, spans):
    with tracing.continued("job", CARRIED):
        pass
    tracing.end()
    kept, path = [], tmp_path / "short.jsonl"

    class Keeping(SpanExporter):
        def export(self, spans):
            kept.extend(spans)
            return SpanExportResult.SUCCESS

        def shutdown(self):
            pass

    from wire.tracing.recorder import Recorder

    recorder = Recorder({}, Keeping())
    with recorder.continued("job", CARRIED, 0.0):
        pass
    recorder.close()
    one = SpanFile(path, limit=2000)
    for _ in range(5):
        one.export(kept)
    files = [path, path.with_name("short.jsonl.1")]
    assert all(each.exists() for each in files)
    assert path.stat().st_mode & 0o077 == 0
    for each in files:
        for line in each.read_text().splitlines():
            assert json.loads(line)["resourceSpans"]
