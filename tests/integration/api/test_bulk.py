"""Bulk jobs over two replicas, a real queue and a real store; the worker speaks wire messages."""

import asyncio
import io
import json
import signal
import sys

import httpx
import pyarrow.parquet
import pytest

from tests.integration.api.conftest import PATIENCE, seen
from tests.servers import ROOT
from wire.errors import UpstreamStatus
from wire.messages import ErrorBody

ROWS = 520  # more than a piece of the manifest
BROKEN = 13  # every so manieth picture
ENDED = ("succeeded", "failed", "canceled", "expired")


def verdict(job):
    """Labels, or an error for some."""
    answer = seen(job).model_copy(update={"order": job.order})
    if int(job.uuid.rpartition("-")[2]) % BROKEN:
        return answer
    error = ErrorBody.of(UpstreamStatus())
    return answer.model_copy(update={"result": None, "labels": (), "error": error})


@pytest.fixture
async def replicas(start, worker):
    """Two of them, each with a client."""
    worker.verdict = verdict
    both = [start(input_buckets="inputs,pictures"), start(input_buckets="inputs,pictures")]
    clients = []
    for api in both:
        await api.ready()
        clients.append(httpx.AsyncClient(base_url=api.url, timeout=PATIENCE))
    yield clients
    for client in clients:
        await client.aclose()


async def ended(client, uuid):
    """The job, once it has ended and its results are there."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = (await client.get(f"/jobs/{uuid}")).json()
            if found["status"] in ENDED and found.get("results"):
                return found
            await asyncio.sleep(0.1)


async def until(check):
    """Look again and again until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not await check():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def urls(count=ROWS):
    return [f"https://example.com/{row}.jpg" for row in range(count)]


async def test_two_replicas_agree_on_a_bulk_job_from_its_first_row_to_its_results(replicas, worker):
    one, other = replicas
    asked = [{"url": url, "id": f"p{row}"} for row, url in enumerate(urls())]
    asked[5]["url"] = "ftp://example.com/5.jpg"
    asked[6]["url"] = "no address\ud800"
    body = json.dumps(asked)  # httpx would not send half a character
    key = {"Idempotency-Key": "once", "Content-Type": "application/json"}
    told = await one.post("/jobs", content=body, headers=key, params={"top": 3})
    assert told.status_code == 202, told.text
    uuid = told.json()["uuid"]
    assert told.headers["location"] == f"/jobs/{uuid}"
    assert told.json()["rows"] == ROWS
    again = await other.post("/jobs", content=body, headers=key, params={"top": 3})
    assert (again.json()["uuid"], again.headers["idempotency-replayed"]) == (uuid, "true")
    mismatch = await other.post("/jobs", json=urls(3), headers=key, params={"top": 3})
    assert mismatch.json()["error"]["code"] == "idempotency_mismatch"
    for count in (3, 3000):  # the latter is read elsewhere, and is no other thing for that
        passed_over = await one.post("/jobs", json={"urls": urls(count)}, params={"top": 3})
        assert passed_over.json()["error"]["code"] == "invalid_parameter"
    found = await ended(one, uuid)
    assert found == await ended(other, uuid)
    failed = {row for row in range(ROWS) if row % BROKEN == 0} | {5, 6}
    assert (found["status"], found["done"]) == ("succeeded", ROWS)
    assert (found["succeeded"], found["failed"]) == (ROWS - len(failed), len(failed))
    texts = [(await client.get(f"/jobs/{uuid}/results")).text for client in replicas]
    assert texts[0] == texts[1]
    lines = [json.loads(line) for line in texts[0].splitlines()]
    assert [line["row"] for line in lines] == list(range(ROWS))
    assert [line["id"] for line in lines] == [each["id"] for each in asked]
    assert {line["row"] for line in lines if line["status"] == "failed"} == failed
    assert lines[5]["error"]["code"] == "unsupported_scheme"
    assert lines[6]["error"]["code"] == "invalid_url"
    assert lines[7]["result"] == "seen https://example.com/7.jpg"
    assert {job.top for job in worker.jobs} == {3}
    assert {job.order for job in worker.jobs} == {uuid}
    table = (await other.get(f"/jobs/{uuid}/results", params={"format": "parquet"})).content
    rows = pyarrow.parquet.read_table(io.BytesIO(table)).to_pylist()
    assert [row["row"] for row in rows] == list(range(ROWS))
    assert [row["result"] for row in rows] == [line.get("result") for line in lines]
    assert rows[13]["error"]["code"] == "upstream_status"


async def test_a_bulk_job_is_canceled_retried_and_forgotten_at_every_replica(
    replicas, worker, account
):
    one, other = replicas
    worker.silent = True
    uuid = (await one.post("/jobs", json=urls(40))).json()["uuid"]

    async def received():
        return len(worker.jobs) == 40

    await until(received)
    assert (await other.get(f"/jobs/{uuid}/results")).json()["error"]["code"] == "job_unfinished"
    assert (await other.post(f"/jobs/{uuid}/retry")).json()["error"]["code"] == "job_unfinished"
    for job in worker.jobs[:10]:
        await worker.answer(job)

    async def answered():
        return (await other.get(f"/jobs/{uuid}")).json()["done"] == 10

    await until(answered)
    partial = await one.get(f"/jobs/{uuid}/results", params={"partial": "true"})
    assert len(partial.text.splitlines()) == 10
    assert (await other.post(f"/jobs/{uuid}/cancel")).json()["status"] == "canceled"
    assert (await one.get(f"/jobs/{uuid}")).json()["status"] == "canceled"
    assert (await ended(one, uuid))["failed"] > 30 - 1
    lines = (await one.get(f"/jobs/{uuid}/results")).text.splitlines()
    codes = [json.loads(line).get("error", {}).get("code") for line in lines]
    assert (len(lines), codes.count("job_canceled")) == (40, 30)
    worker.silent = False
    retried = [(await client.post(f"/jobs/{uuid}/retry")).json() for client in replicas]
    assert retried[0]["uuid"] == retried[1]["uuid"] != uuid
    assert (retried[0]["rows"], retried[0]["retryOf"]) == (40 - codes.count(None), uuid)
    found = await ended(other, retried[0]["uuid"])
    assert found["status"] == "succeeded"
    assert (await one.delete(f"/jobs/{uuid}")).status_code == 204
    for client in replicas:
        gone = await client.get(f"/jobs/{uuid}")
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "job_not_found")
    _, store = account

    async def erased():
        return await store.keys(f"bulk/{uuid}/") == [f"bulk/{uuid}/verdict.json"]

    await until(erased)


async def told(client, uuid, last=None, until=lambda _: False):
    """The events of a bulk job as (id, job), up to its end or to one that will do; its status where there is
    no stream."""
    headers = {} if last is None else {"Last-Event-ID": last}
    found, name = [], ""
    async with client.stream("GET", f"/jobs/{uuid}/events", headers=headers) as answer:
        if answer.status_code != 200:
            return answer.status_code
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                name = line.removeprefix("id: ")
            if line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
                if until(found[-1][1]):
                    break
    return found


async def test_a_bulk_job_is_followed_at_any_replica_to_its_end(replicas, worker):
    one, other = replicas
    worker.silent = True
    uuid = (await one.post("/jobs", json=urls(40))).json()["uuid"]

    async def received():
        return len(worker.jobs) == 40

    following = asyncio.create_task(told(other, uuid, until=lambda job: job["done"] == 10))
    await until(received)
    for job in worker.jobs[:10]:
        await worker.answer(job)
    first = await asyncio.wait_for(following, PATIENCE)
    assert (first[0][1]["status"], first[0][1]["done"]) == ("queued", 0)
    last, job = first[-1]
    assert (job["status"], job["rows"]) == ("running", 40)
    rest = asyncio.create_task(told(one, uuid, last))
    for each in worker.jobs[10:]:
        await worker.answer(each)
    rest = await asyncio.wait_for(rest, PATIENCE)
    done = [job["done"] for _, job in rest]
    assert done == sorted(done)
    assert last not in {name for name, _ in rest}
    name, job = rest[-1]
    assert (name, job["status"], job["done"]) == ("succeeded", "succeeded", 40)
    assert job == (await other.get(f"/jobs/{uuid}")).json()
    assert await told(other, uuid, name) == 204
    assert await told(one, f"bulk-{32 * '0'}") == 404


async def test_the_command_sends_a_list_follows_it_and_fetches_its_results(replicas, tmp_path):
    one, other = replicas
    (tmp_path / "urls.txt").write_text("# a list\n" + "\n".join(urls(30)) + "\n")

    async def said(*options):
        command = [sys.executable, "-m", "cli.main", "bulk", *options]
        pipe = asyncio.subprocess.PIPE
        ran = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, cwd=ROOT)
        out, complaints = await ran.communicate()
        return ran.returncode, out.decode(), complaints.decode()

    out = tmp_path / "results.jsonl"
    where = ("--url", str(one.base_url))
    code, told, said_beside = await said(str(tmp_path / "urls.txt"), "--out", str(out), *where)
    assert code == 0, said_beside
    assert "succeeded: 30 of 30 pictures, 3 failed" in told
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["url"] for line in lines] == urls(30)
    uuid = said_beside.split()[2]
    table = tmp_path / "results.parquet"
    again = ("--id", uuid, "--out", str(table), "--json", "--url", str(other.base_url))
    code, told, said_beside = await said(*again)
    assert (code, json.loads(told)["uuid"]) == (0, uuid), said_beside
    assert pyarrow.parquet.read_metadata(table).num_rows == 30
    code, _, complaint = await said("s3://other/", *where)
    assert (code, "forbidden" in complaint) == (1, True)
    code, _, complaint = await said(str(tmp_path / "none.txt"), *where)
    assert (code, "none.txt" in complaint) == (2, True)


async def test_ctrl_c_ends_the_command_and_not_the_job(replicas, worker, tmp_path):
    one, other = replicas
    worker.silent = True
    (tmp_path / "urls.txt").write_text("\n".join(urls(20)))

    async def command(*options):
        line = [sys.executable, "-m", "cli.main", "bulk", *options, "--wait", "--json"]
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(*line, stdout=pipe, stderr=pipe, cwd=ROOT)

    began = await command(str(tmp_path / "urls.txt"), "--url", str(one.base_url))

    async def received():
        return len(worker.jobs) == 20

    await until(received)
    uuid = worker.jobs[0].order
    said = await asyncio.wait_for(began.stderr.readuntil(uuid.encode()), PATIENCE)
    await asyncio.sleep(0.5)
    began.send_signal(signal.SIGINT)
    out, rest = await asyncio.wait_for(began.communicate(), PATIENCE)
    assert (began.returncode, out) == (130, b""), (said, rest)
    assert f"classifycloud bulk --id {uuid}" in rest.decode()
    again = await command("--id", uuid, "--url", str(other.base_url))
    for job in worker.jobs:
        await worker.answer(job)
    out, rest = await asyncio.wait_for(again.communicate(), PATIENCE)
    assert again.returncode == 0, rest
    assert (json.loads(out)["status"], json.loads(out)["done"]) == ("succeeded", 20)


async def test_only_buckets_on_the_list_are_read(replicas, account, worker):
    one, _ = replicas
    _, store = account
    files = type(store)(store._aws, "inputs")
    await files.ensure_bucket("us-east-1")
    keys = ["a/1.jpg", "a/b c.jpg", "a/ä.jpg", "b/1.jpg"]
    for key in keys:
        await files.put(key, b"x")
    await files.put("a/empty/", b"")
    told = await one.post("/jobs", json={"prefix": "s3://inputs/a/"})
    assert told.status_code == 202, told.text
    assert told.json()["rows"] == 3
    found = await ended(one, told.json()["uuid"])
    assert found["source"] == "s3://inputs/a/"
    wanted = ["s3://inputs/a/1.jpg", "s3://inputs/a/b%20c.jpg", "s3://inputs/a/%C3%A4.jpg"]
    assert {job.image_url for job in worker.jobs} == set(wanted)
    refusals = {
        "s3://other/a/": (403, "forbidden"),
        "s3://pictures/uploads/": (403, "forbidden"),  # its own, though it is listed
        "s3://inputs/nothing/": (400, "invalid_parameter"),
        "s3:/inputs/a/": (400, "invalid_url"),
        "https://inputs/a/": (400, "invalid_url"),
    }
    for prefix, refusal in refusals.items():
        refused = await one.post("/jobs", json={"prefix": prefix})
        assert (refused.status_code, refused.json()["error"]["code"]) == refusal, prefix
    told = await one.post("/jobs", json=["s3://inputs/b/1.jpg", "s3://other/a", "s3://pictures/a"])
    uuid = told.json()["uuid"]
    await ended(one, uuid)
    lines = [
        json.loads(each) for each in (await one.get(f"/jobs/{uuid}/results")).text.splitlines()
    ]
    assert [each.get("error", {}).get("code") for each in lines[1:]] == ["forbidden"] * 2
    for body, code in ((b"[]", 400), (b"{", 400), (b"[" + b" " * 9_000_000 + b"]", 413)):
        kind = {"Content-Type": "application/json"}
        assert (await one.post("/jobs", content=body, headers=kind)).status_code == code
    assert (await one.post("/jobs", json=urls(3), params={"top": 21})).status_code == 400
