"""What an operator sees of a service: its processes scraped as by Prometheus, its spans read as trees."""

import json
import subprocess
from collections.abc import Set
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.service import COMMAND, wait_until


class Scrape:
    """Every process of the service, scraped where Prometheus would: `of` adds the values of samples."""

    def __init__(self, running) -> None:
        self.samples = []
        self.processes = set()
        self.families = {}
        for path in (running.data / "targets").glob("*.json"):
            for each in json.loads(path.read_text()):
                self._take(each)

    def _take(self, target) -> None:
        labels = target["labels"]
        path = labels.get("__metrics_path__", "/metrics")
        page = httpx.get(f"http://{target['targets'][0]}{path}", timeout=10)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/plain")
        self.processes.add(labels["process"])
        for family in text_string_to_metric_families(page.text):
            self.families[family.name] = family
            self.samples += family.samples

    def of(self, name, **labels) -> float:
        return sum(
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


class Tree:
    """The spans of one trace out of the file, by name and as a tree."""

    def __init__(self, path: Path, trace: str) -> None:
        self.spans = {each["spanId"]: each for each in spans_of(path) if each["traceId"] == trace}

    @property
    def names(self) -> set[str]:
        return {each["name"] for each in self.spans.values()}

    def named(self, name: str) -> list[dict]:
        return [each for each in self.spans.values() if each["name"] == name]

    def roots(self) -> list[dict]:
        return [each for each in self.spans.values() if each["parentSpanId"] not in self.spans]

    def parents(self, span: dict) -> list[str]:
        """Names from the span's parent up to the root's."""
        found = []
        while (span := self.spans.get(span["parentSpanId"])) is not None:
            found.append(span["name"])
        return found


def spans_of(path: Path) -> list[dict]:
    found = []
    for line in path.read_text().splitlines():
        (resource,) = json.loads(line)["resourceSpans"]
        (service_name,) = (
            each["value"]["stringValue"]
            for each in resource["resource"]["attributes"]
            if each["key"] == "service.name"
        )
        found += [
            {"service": service_name, **span}
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]
    return found


def attributes(span: dict) -> dict:
    return {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}


def told(running, job: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What `trace-job` says of a job."""
    command = [COMMAND, "trace-job", job, "--data", running.data, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def known(running, job: str) -> dict:
    """The same as a document."""
    said = told(running, job, "--json")
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def ask(running, url: str, **headers: str) -> httpx.Response:
    """What `/classify` says of a picture."""
    return httpx.get(f"{running.url}/classify", params={"url": url}, headers=headers, timeout=60)


def whole(running, trace: str, wanted: Set[str]) -> Tree:
    """The spans of a request, once those are there that are wanted of it."""
    path = running.data / "traces.jsonl"
    wait_until(lambda: wanted <= Tree(path, trace).names, 20, f"not all of {sorted(wanted)}")
    return Tree(path, trace)


def milliseconds(span: dict) -> float:
    """How long a span took."""
    return (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e6
