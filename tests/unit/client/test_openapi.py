"""The client beside the service's OpenAPI document: what the one describes, the other can ask and read."""

import inspect
import json
import re
from collections.abc import Callable
from typing import Any, get_type_hints

import httpx
import pytest
from pydantic import BaseModel

from api.app import create_app
from api.models import Models
from api.replica import Replica
from classifier.catalog import BUNDLED, Catalog
from classifycloud.client import AsyncClient, Client, answers
from classifycloud.client.wishes import BulkWishes, JobWishes, LayerWishes, Wishes
from wire.errors import BY_CODE
from wire.memory import MemoryQueues, MemoryStore
from wire.settings import ApiSettings

CAT = "https://example.com/cat.jpg"
VALUES: dict[str, Any] = {
    "model": "m",
    "version": "1",
    "idempotency_key": "k",
    "timeout": 5.0,
    "top": 3,
    "min_confidence": 0.5,
    "include": ["n1"],
    "exclude": ["n2"],
    "max_age": 0,
    "wait": 5,
    "form": "json",
    "layer": "pool",
    "id": "mine",
    "deadline": 60,
    "webhook": "https://example.com/hook",
    "events": ["succeeded"],
}


def everything(kind: type, *but: str) -> dict[str, Any]:
    """A value for each thing that can be wished."""
    return {name: VALUES[name] for name in get_type_hints(kind) if name not in but}


# Each method of the client, with everything that it takes.
ASKED: dict[str, list[Callable[[Client], Any]]] = {
    "classify": [
        lambda c: c.classify(CAT, **everything(Wishes)),
        lambda c: c.classify(b"bytes", **everything(Wishes)),
    ],
    "classify_many": [lambda c: list(c.classify_many([CAT, b"bytes"]))],
    "features": [
        lambda c: c.features(CAT, "pool", **everything(LayerWishes)),
        lambda c: c.features(b"bytes", "pool", **everything(LayerWishes)),
    ],
    "late_features": [lambda c: c.late_features("j1")],
    "submit": [
        lambda c: c.submit(CAT, **everything(JobWishes)),
        lambda c: c.submit(b"bytes", **everything(JobWishes, "layer")),
    ],
    "submit_many": [
        lambda c: c.submit_many([CAT], **everything(BulkWishes)),
        lambda c: c.submit_many("s3://bucket/prefix/", **everything(BulkWishes)),
    ],
    "job": [lambda c: c.job("j1")],
    "wait": [lambda c: c.wait("j1")],
    "events": [lambda c: list(c.events("j1"))],
    "cancel": [lambda c: c.cancel("j1")],
    "retry": [lambda c: c.retry("j1")],
    "delete": [lambda c: c.delete("j1")],
    "results": [lambda c: c.results("j1"), lambda c: c.results("j1", partial=True)],
    "results_file": [lambda c: c.results_file("j1", "parquet")],
    "models": [lambda c: c.models()],
    "alive": [lambda c: c.alive()],
    "ready": [lambda c: c.ready()],
    "metrics": [lambda c: c.metrics()],
}
NOT_ASKING = {"close", "url", "send"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    replica = Replica(
        ApiSettings(access="keys"), MemoryQueues(), MemoryStore(), Models(Catalog(BUNDLED))
    )
    return json.loads(json.dumps(create_app(replica).openapi()))


class Described(httpx.BaseTransport):
    """Answers as the document says, with its own examples, and keeps what was asked of each operation."""

    def __init__(self, document: dict[str, Any], full: bool) -> None:
        self.document = document
        self.full = full
        self.asked: dict[tuple[str, str], list[httpx.Request]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = self._template(request)
        self.asked.setdefault((request.method, path), []).append(request)
        operation = self.document["paths"][path][request.method.lower()]
        status, answer = next(
            (int(code), each) for code, each in operation["responses"].items() if code < "300"
        )
        content = answer.get("content", {})
        if "text/event-stream" in content:
            job = self._example(self.document["components"]["schemas"]["JobStatus"]) | {
                "status": "succeeded"
            }
            return httpx.Response(status, text=f"data: {json.dumps(job)}\n\n")
        if "application/json" not in content:
            return httpx.Response(status, content=b"")
        schema = content["application/json"]["schema"]
        return httpx.Response(status, json=self._ended(self._example(schema)))

    def _template(self, request: httpx.Request) -> str:
        for path, operations in self.document["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", path)
            if re.fullmatch(pattern, request.url.path) and request.method.lower() in operations:
                return path
        raise AssertionError(f"{request.method} {request.url.path} is not described")

    def _example(self, schema: dict[str, Any]) -> Any:
        return example(self.document, schema, self.full)

    @staticmethod
    def _ended(found: Any) -> Any:
        if not isinstance(found, dict) or "status" not in found:
            return found
        done = {"results": ["jsonl"]} if "rows" in found else {}
        return found | {"status": "succeeded"} | done


def example(document: dict[str, Any], schema: dict[str, Any], full: bool) -> Any:
    """A value that the schema allows: its own example, or one with all that may be there, or the least."""
    if "$ref" in schema:
        return example(
            document, document["components"]["schemas"][schema["$ref"].rsplit("/")[-1]], full
        )
    if "examples" in schema and isinstance(schema["examples"], list):
        return schema["examples"][0]
    for choice in ("const", "default"):
        if choice in schema and not full:
            return schema[choice]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = schema[several]
            return example(document, kinds[0] if full else kinds[-1], full)
    if schema.get("type") == "object" or "properties" in schema:
        needed = schema.get("properties", {}) if full else schema.get("required", ())
        return {name: example(document, schema["properties"][name], full) for name in needed}
    if schema.get("type") == "array":
        count = max(schema.get("minItems", 0), int(full))
        items = schema.get("prefixItems") or [schema.get("items", {})] * count
        return [example(document, each, full) for each in items]
    plain = {
        "string": "text",
        "integer": schema.get("minimum", 1),
        "number": schema.get("minimum", 0.5),
        "boolean": True,
        "null": None,
    }
    return schema.get("const", plain.get(schema.get("type", "null")))


@pytest.fixture(scope="module", params=[True, False], ids=["whole", "least"])
def described(request: pytest.FixtureRequest, document: dict[str, Any]) -> Described:
    """Every method, called with everything: that they return is the proof that their models fit."""
    service = Described(document, request.param)
    with Client("http://api.test", transport=service) as client:
        for calls in ASKED.values():
            for call in calls:
                call(client)
    return service


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    # The v2 protocol is there for clients that exist: an unmodified one is its test.
    return [
        (method.upper(), path, operation)
        for path, found in document["paths"].items()
        for method, operation in found.items()
        if "v2" not in operation.get("tags", ())
    ]


def test_both_clients_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        found = inspect.getmembers(kind, callable)
        return {name: [*inspect.signature(f).parameters] for name, f in found if name[0] != "_"}

    assert methods(Client) == methods(AsyncClient)
    assert methods(Client).keys() - NOT_ASKING == ASKED.keys()


def test_every_operation_has_a_method(document: dict[str, Any], described: Described) -> None:
    assert {(method, path) for method, path, _ in operations(document)} == described.asked.keys()


def test_every_parameter_can_be_expressed(document: dict[str, Any], described: Described) -> None:
    missing = []
    for method, path, operation in operations(document):
        sent = described.asked[method, path]
        query = {name for each in sent for name in each.url.params}
        headers = {name for each in sent for name in each.headers}
        for parameter in operation.get("parameters", ()):
            name = parameter["name"]
            there = {"query": query, "header": headers, "path": {name}}[parameter["in"]]
            if name not in there and name.lower() not in there:
                missing.append((method, path, name))
        known = {each["name"] for each in operation.get("parameters", ())}
        missing += [(method, path, f"unknown {name}") for name in query - known]
    assert missing == []


def test_every_part_of_a_body_can_be_expressed(
    document: dict[str, Any], described: Described
) -> None:
    missing = []
    for method, path, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        sent = [
            json.loads(each.content)
            for each in described.asked[method, path]
            if "json" in each.headers.get("content-type", "")
        ]
        names = {name for each in sent if isinstance(each, dict) for name in each}
        missing += [(path, name) for name in properties(document, body["schema"]) - names]
    assert missing == []


def properties(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return properties(
            document, document["components"]["schemas"][schema["$ref"].rsplit("/")[-1]]
        )
    several = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return set(schema.get("properties", ())).union(
        *(properties(document, each) for each in several)
    )


def test_every_code_of_an_error_is_in_the_document(document: dict[str, Any]) -> None:
    told: dict[str, int] = {}
    for _, _, operation in operations(document):
        for status, response in operation["responses"].items():
            examples = response.get("content", {}).get("application/json", {}).get("examples", {})
            for each in examples.values():
                if error := each["value"].get("error"):
                    told[error["code"]] = int(status)
    assert told == {code: kind.status for code, kind in BY_CODE.items()}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Classified", answers.Classification),
        ("JobStatus", answers.Job),
        ("BulkStatus", answers.Job),
        ("ModelRow", answers.Model),
        ("SeenThrough", answers.SeenThrough),
    ],
)
def test_nothing_that_is_answered_is_dropped(
    document: dict[str, Any], name: str, kind: type[BaseModel]
) -> None:
    read = {field.alias for field in kind.model_fields.values()}
    assert document["components"]["schemas"][name]["properties"].keys() <= read
