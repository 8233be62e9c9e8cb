"""The whole service, watched as an operator does: its metrics scraped, a request traced, its log lines found,
its journey told. Real processes; the numbers must be those of what was asked."""

import json
import re
import signal
import threading
from collections import defaultdict

import httpx
import psutil
import pytest

from tests.observing import (
    Scrape,
    Tree,
    ask,
    attributes,
    known,
    milliseconds,
    spans_of,
    told,
    whole,
)
from tests.service import wait_until
from wire.messages import Job

CLIENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE, PARENT = CLIENT.split("-")[1:3]
SIGNATURE = "X-Amz-Signature=s3cr3tquery"
WORKED = {"submit", "queue wait", "job", "fetch", "hop", "dns", "connect", "ask", "body"} | {
    "decode", "classify", "batch wait", "inference", "store", "reply", "record", "delete", "collect",
}  # fmt: skip


def test_every_process_counts_what_was_asked(running, origin):
    wait_until(lambda: "worker" in Scrape(running).processes, 30, "no worker's metrics")
    before = Scrape(running)
    good, missing = 6, 2
    for at in range(good):
        assert ask(running, f"{origin.url('chelsea.jpg')}?{at}").status_code == 200
    for at in range(missing):
        assert ask(running, f"{origin.url('none.jpg')}?{at}").status_code == 502
    assert ask(running, "ftp://a/b").status_code == 400

    def counted() -> bool:
        # The balancer hears of it with the worker's next report, and says so with its next tick.
        served = "classifycloud_balancer_served_total"
        return Scrape(running).of(served) - before.of(served) == good

    wait_until(counted, 60, "the balancer did not hear of all")
    after = Scrape(running)
    assert after.processes == {"api", "balancer", "worker", "sqs", "storage"}

    def more(name, **labels):
        return after.of(name, **labels) - before.of(name, **labels)

    answered = "classifycloud_api_requests_total"
    assert more(answered, route="/classify", code="ok") == good
    assert more(answered, route="/classify", code="upstream_status") == missing
    assert more(answered, route="/classify", code="unsupported_scheme") == 1
    assert more("classifycloud_api_request_seconds_count", route="/classify") == good + missing + 1
    assert more("classifycloud_api_answers_total", outcome="answered") == good + missing
    worked = "classifycloud_worker_pictures_total"
    assert more(worked, code="ok") == good
    assert more(worked, code="upstream_status") == missing
    stages = "classifycloud_worker_stage_seconds_count"
    assert more(stages, stage="queue") == more(stages, stage="fetch") == good + missing
    assert more(stages, stage="decode") == more(stages, stage="inference") == good
    assert more("classifycloud_worker_batch_pictures_sum") == good
    assert more("classifycloud_worker_engine_core_seconds_total") > 0
    assert more("classifycloud_worker_cache_hits_total") == 0
    sent = {"action": "SendMessageBatch", "queue": "classifycloud-requests"}
    assert more("sqs_call_messages_total", **sent) == good + missing
    assert after.of("process_resident_memory_bytes") > 10**7


def test_names_and_units_are_prometheus_own(running):
    found = Scrape(running).families.values()
    ours = [family for family in found if family.name.startswith("classifycloud_")]
    assert len(ours) > 30
    for family in ours:
        assert re.fullmatch(r"classifycloud_(api|worker|balancer)_[a-z0-9_]+", family.name)
        assert family.documentation
        assert not re.search(r"_(ms|milliseconds|mb|minutes|kb)(_|$)", family.name)


@pytest.fixture(scope="module")
def traced(running, origin):
    """A request that its client traces, with all that can happen to one: redirected, kept by id."""
    url = f"{origin.url('moved')}?{SIGNATURE}"
    answer = ask(running, url, **{"traceparent": CLIENT, "Idempotency-Key": "once"})
    assert answer.status_code == 200
    return answer.json(), whole(running, TRACE, WORKED | {"GET /classify"})


def test_a_trace_shows_every_hop_in_one_tree(traced):
    answer, tree = traced
    (root,) = tree.roots()
    assert (root["name"], root["parentSpanId"]) == ("GET /classify", PARENT)
    assert attributes(root)["classifycloud.job"] == answer["uuid"]
    assert attributes(root)["http.response.status_code"] == "200"
    processes = {name: {each["service"] for each in tree.named(name)} for name in tree.names}
    assert processes["submit"] == processes["collect"] == {"classifycloud-api"}
    assert processes["queue wait"] == {"classifycloud-api", "classifycloud-worker"}
    assert processes["job"] == processes["inference"] == {"classifycloud-worker"}
    (collected,) = tree.named("collect")
    assert tree.parents(collected) == ["reply", "job", "submit", "GET /classify"]
    (connect, *_), hops = tree.named("connect"), tree.named("hop")
    assert tree.parents(connect) == ["hop", "fetch", "job", "submit", "GET /classify"]
    asked = [attributes(each)["classifycloud.status"] for each in tree.named("ask")]
    assert (len(hops), sorted(asked)) == (2, ["200", "301"])


STAGES = {"fetch": "fetchMs", "decode": "decodeMs", "inference": "inferenceMs"}


def test_no_part_of_a_trace_is_longer_or_earlier_than_what_it_is_part_of(traced):
    _answer, tree = traced
    (root, *stages) = [tree.named(name)[0] for name in ("GET /classify", *STAGES)]
    assert milliseconds(root) >= sum(map(milliseconds, stages))
    for span in tree.spans.values():
        parent = tree.spans.get(span["parentSpanId"])
        if parent is not None:  # a wait in a queue begins where the send ends, by SQS's own clock
            early = 50e6 if span["name"] == "queue wait" else 0
            assert int(span["startTimeUnixNano"]) >= int(parent["startTimeUnixNano"]) - early


def test_times_of_a_trace_are_those_of_its_answer(running, origin):
    beyond = []
    for number in range(5):
        trace = f"{number + 1:02x}" * 16
        url = f"{origin.url('chelsea.jpg')}?times={number}"
        answer = ask(running, url, traceparent=CLIENT.replace(TRACE, trace))
        tree = whole(running, trace, STAGES.keys())
        took = {stage: milliseconds(tree.named(stage)[0]) for stage in STAGES}
        beyond.append({each: took[each] - answer.json()["timings"][STAGES[each]] for each in took})
    # The span is around the clock; whoever else had the processor between the two was not there each time.
    assert all(more > -0.01 for each in beyond for more in each.values()), beyond
    assert all(min(each[stage] for each in beyond) < 5 for stage in STAGES), beyond


def test_a_batch_and_its_pictures_are_linked(traced, running):
    _answer, tree = traced
    (inference,) = tree.named("inference")
    (link,) = inference["links"]
    everything = {each["spanId"]: each for each in spans_of(running.data / "traces.jsonl")}
    batch = everything[link["spanId"]]
    assert (batch["name"], attributes(batch)["classifycloud.pictures"]) == ("batch", "1")
    assert {each["traceId"] for each in batch["links"]} == {TRACE}


def test_a_job_that_nobody_waits_for_is_one_tree_too(running, origin):
    trace = "cd" * 16
    asked = httpx.post(
        f"{running.url}/jobs",
        json={"imageUrl": origin.url("chelsea.jpg")},
        headers={"traceparent": CLIENT.replace(TRACE, trace)},
        timeout=60,
    )
    assert asked.status_code == 202
    path = running.data / "traces.jsonl"
    wanted = {"POST /jobs", "job", "outcomes"}
    wait_until(lambda: wanted <= Tree(path, trace).names, 20, f"not all of {sorted(wanted)}")
    tree = Tree(path, trace)
    (outcome,), (job,) = tree.named("outcomes"), tree.named("job")
    assert tree.parents(outcome) == ["reply", "job", "submit", "POST /jobs"]
    assert known(running, attributes(job)["classifycloud.job"])["state"] == "succeeded"


def test_a_bulk_job_is_one_trace_and_each_row_has_a_journey(running, origin):
    trace = "ef" * 16
    asked = httpx.post(
        f"{running.url}/jobs",
        json=[origin.url("chelsea.jpg"), origin.url("none.jpg"), origin.url("chelsea.jpg")],
        headers={"traceparent": CLIENT.replace(TRACE, trace)},
        timeout=60,
    )
    assert asked.status_code == 202
    bulk = asked.json()["uuid"]
    path, rows = running.data / "traces.jsonl", {f"{bulk}-{row}" for row in range(3)}

    def seen(name: str) -> set[str]:
        return {attributes(each).get("classifycloud.job") for each in Tree(path, trace).named(name)}

    wait_until(lambda: seen("job") == rows, 60, "not all rows are traced")
    wait_until(lambda: len(Tree(path, trace).named("outcomes")) >= 3, 60, "outcomes are not")
    tree = Tree(path, trace)
    way = ["reply", "job", "submit", "chores", "bulk job", "POST /jobs"]
    assert all(tree.parents(each) == way for each in tree.named("outcomes"))
    assert seen("submit") == rows
    assert seen("bulk job") == {bulk}
    wait_until(lambda: known(running, bulk)["state"] == "succeeded", 60, "it has not ended")
    found, failed = known(running, f"{bulk}-0"), known(running, f"{bulk}-1")
    assert (found["state"], found["traces"]) == ("succeeded", [trace])
    assert (failed["state"], failed["outcome"]) == ("failed", "upstream_status")
    assert {"submit", "job", "fetch", "inference", "outcomes"} <= {
        each["what"] for each in found["journey"]
    }
    assert any(each["what"] == "submitted, 3 rows, this one 0" for each in found["journey"])


def test_no_span_has_a_query_or_an_address(traced, running, origin):
    text = (running.data / "traces.jsonl").read_text()
    assert "s3cr3t" not in text
    assert origin.host not in text
    assert "127.0.0.1" not in text
    assert "chelsea" not in text


def test_the_same_id_finds_its_lines_in_every_process(traced, running):
    answer, _tree = traced
    found = defaultdict(set)
    for path in (running.data / "logs").glob("*.log"):
        for line in path.read_text().splitlines():
            if answer["uuid"] in line and line.startswith("{"):
                said = json.loads(line)
                found[said["process"]].add((said["job"], said.get("trace")))
    assert set(found) == {"api", "worker"}
    assert found["api"] == found["worker"] == {(answer["uuid"], TRACE)}


def test_trace_job_tells_of_a_finished_job(traced, running):
    answer, _tree = traced
    job = answer["uuid"]
    wait_until(lambda: "1 record" in known(running, job)["seen"], 10, "no record")
    found = known(running, job)
    assert (found["state"], found["traces"]) == ("succeeded", [TRACE])
    assert answer["result"] in found["outcome"]
    assert {"submit", "fetch", "inference", "collect"} <= {e["what"] for e in found["journey"]}
    assert {"span", "log", "record"} == {each["source"] for each in found["journey"]}
    times = [each["at"] for each in found["journey"]]
    assert times == sorted(times)
    assert "s3cr3t" not in json.dumps(found)
    for_people = told(running, job).stdout
    assert for_people.startswith(f"job {job}  succeeded")
    assert "unseen" in for_people


def test_trace_job_tells_of_a_failed_job(running, origin):
    answer = ask(running, origin.url("none.jpg"))
    job = answer.json()["error"]["job"]
    wait_until(lambda: known(running, job)["state"] != "queued", 10, "it is not known to be over")
    found = known(running, job)
    assert (found["state"], found["outcome"]) == ("failed", "upstream_status")


def test_trace_job_tells_of_a_job_that_waits(running, origin):
    job = "waits-for-a-worker"
    (worker,) = running.pids("worker")
    psutil.Process(worker).send_signal(signal.SIGSTOP)
    try:
        body = {"Idempotency-Key": job, "traceparent": CLIENT.replace(TRACE, "ab" * 16)}
        asking = threading.Thread(
            target=ask, args=(running, origin.url("chelsea.jpg")), kwargs=body
        )
        asking.start()

        def sent() -> str | None:
            spans = spans_of(running.data / "traces.jsonl")
            jobs = [attributes(s) for s in spans if s["traceId"] == "ab" * 16]
            return next((each["classifycloud.job"] for each in jobs), None)

        uuid = wait_until(sent, 20, "it was not sent")
        found = known(running, uuid)
    finally:
        psutil.Process(worker).send_signal(signal.SIGCONT)
    asking.join()
    assert found["state"] == "queued"
    assert any("record" in each for each in found["unseen"])


def test_trace_job_tells_of_a_job_among_the_dead(running):
    dead = Job(uuid="dead-1", image_url="https://a/b", reply_to="classifycloud-responses-none")
    sqs = running.sqs()
    url = sqs.get_queue_url(QueueName="classifycloud-dead-letter")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=dead.encode())
    found = known(running, "dead-1")
    assert found["state"] == "dead-lettered"
    sqs.purge_queue(QueueUrl=url)


def test_trace_job_says_that_it_knows_nothing(running):
    said = told(running, "never-was")
    assert said.returncode == 1
    assert "Nothing is known" in said.stderr
    assert said.stderr.count("\n") >= 5
    assert told(running, "no id!").returncode == 2
