"""Schemathesis against a running service, every check on: what the OpenAPI document says is what is answered.

Seeded and about a minute. CLASSIFYCLOUD_FUZZ_EXAMPLES=2000 (cases an operation) and
CLASSIFYCLOUD_FUZZ_SEED make it longer and another one.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import schemathesis
from schemathesis.specs.openapi import checks

from tests.service import COMMAND, Origin, service, wait_until

pytestmark = pytest.mark.acceptance

EXAMPLES = int(os.environ.get("CLASSIFYCLOUD_FUZZ_EXAMPLES", "40"))
SEED = os.environ.get("CLASSIFYCLOUD_FUZZ_SEED", "1")
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
SAMPLES = Path(__file__).resolve().parents[2] / "local" / "samples"
# The deviations from the checks' own terms, each with its reason.
TERMS = """
base-url = "{url}"
request-timeout = 60
continue-on-failure = true

[auth.openapi.header]
api_key = "{key}"

[generation]
max-examples = {examples}

# 502 and 504 tell of the picture's host, and 503 of a service that has no room: no fault of ours, and
# documented with its codes. A 500 is one.
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "502", "503", "504"]

# A GET with a body is refused before it has a route, as 400: two servers could read it in two ways.
[[operations]]
include-path-regex = "^(/jobs|/v2/.*/infer)$"
phases.coverage.unexpected-methods = ["PUT", "DELETE", "PATCH", "TRACE"]
"""
# No schema can say which addresses are public, which models there are, or which bytes are a picture: what is
# valid by the document may still be refused, with one of the codes that say so; an id may be taken, and a job
# unfinished or its picture gone. `test_good_requests` has no such leave.
LEAVE = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "403", "404", "409", "410", "413", "415", "422", "502", "503", "504"]
"""
# With a picture that is there, under models that are there, all that the document allows must be answered.
GOOD = """
[parameters]
"query.url" = "{picture}"
"query.model" = "tiny-inception"
"query.modelVersion" = "1"
"query.include" = ["Egyptian cat", "reel"]
"query.exclude" = ["n07749582"]

# 422: a generated Idempotency-Key came twice, with two requests.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "422"]
"""


@pytest.fixture(scope="module")
def origin():
    made = Origin(SAMPLES)
    yield made
    made.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, origin):
    """A service that only holders of keys may ask, and such a key. Nobody is held back for asking often."""
    data = tmp_path_factory.mktemp("fuzz") / "data"
    limits = {"key_rate": "0", "address_rate": "0", "host_jobs": "0", "client_jobs": "0"}
    with service(data, access="keys", fetch_allow=origin.host, wait="30", **limits) as running:
        running.wait_ready(workers=1)
        scopes = [part for scope in ("classify", "jobs", "operate") for part in ("--scope", scope)]
        key = added_key(data, "fuzz", *scopes)
        asked = {"headers": {"X-API-Key": key}}
        known = lambda: httpx.get(f"{running.url}/models", **asked).status_code == 200  # noqa: E731
        wait_until(known, 30, "the key is not known")
        yield running, key


@pytest.fixture(scope="module")
def scopeless(guarded):
    """A key that opens no route of these, and soon asks too often."""
    running, _ = guarded
    limit = ("--rate", "1", "--burst", "5")
    key = added_key(running.data, "scopeless", "--scope", "operate", *limit)
    asked = {"headers": {"X-API-Key": key}}
    known = lambda: httpx.get(f"{running.url}/models", **asked).status_code in {403, 429}  # noqa: E731
    wait_until(known, 30, "the key is not known")
    return key


def added_key(data: Path, *options: str) -> str:
    added = subprocess.run(
        [COMMAND, "keys", "add", *options, "--data", data],
        capture_output=True,
        text=True,
        check=True,
    )
    return max(re.findall(r"ccloud_[\w-]+", added.stdout), key=len)


def fuzz(folder: Path, guarded, terms: str, *options: str, **values: object) -> dict:
    """Run it; the report. Fails with what schemathesis has found."""
    running, key = guarded
    config = folder / "schemathesis.toml"
    config.write_text(terms.format(url=running.url, key=key, examples=EXAMPLES, **values))
    report = folder / "report.json"
    ran = subprocess.run(
        [
            *(SCHEMATHESIS, "--config-file", config, "run", f"{running.url}/openapi.json"),
            *("--checks", "all", "--seed", SEED, "--no-color", "--generation-database", "none"),
            *("--report", "json", "--report-json-path", report, *options),
        ],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    print(ran.stdout[-20_000:], ran.stderr[-4000:])
    assert ran.returncode == 0
    return json.loads(report.read_text())


def test_every_answer_is_as_documented(guarded, tmp_path):
    fuzz(tmp_path, guarded, TERMS + LEAVE)


def test_good_requests_are_answered(guarded, origin, tmp_path):
    options = ("--mode", "positive", "--include-name", "GET /classify")
    picture = origin.url("chelsea.jpg")
    fuzz(tmp_path, guarded, TERMS + GOOD, *options, picture=picture)


ROUTES = [
    ("/classify", "GET", {"query": {"url": "https://example.com/cat.jpg"}}),
    ("/classify", "POST", {"body": b"x", "media_type": "image/png"}),
    ("/jobs/{id}", "GET", {"path_parameters": {"id": "none"}}),
    ("/v2/models/{model}", "GET", {"path_parameters": {"model": "none"}}),
    ("/models", "GET", {}),
]
CONFORMANCE = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


@pytest.mark.parametrize(("path", "method", "given"), ROUTES)
def test_refusals_are_as_documented(guarded, scopeless, path, method, given):
    """No key, a wrong one, one that lacks the scope, one that asks too often. By hand: schemathesis itself
    waits out a 429."""
    running, _ = guarded
    case = schemathesis.openapi.from_url(f"{running.url}/openapi.json")[path][method].Case(**given)
    seen = set()
    for headers in ({}, {"X-API-Key": "wrong"}, *[{"X-API-Key": scopeless}] * 40):
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CONFORMANCE)
        seen.add(answer.status_code)
        if seen == {401, 403, 429}:
            return
        time.sleep(0.2 if answer.status_code == 429 and 403 not in seen else 0)
    assert seen == {401, 403, 429}
