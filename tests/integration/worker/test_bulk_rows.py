"""What a worker does of bulk jobs: rows of those that have ended, and pictures in buckets of others."""

from wire.bulk import Verdict, fresh_id, row_id, verdict_key
from wire.store import S3Store


async def test_rows_of_a_bulk_job_that_has_ended_are_answered_unworked(bench):
    await bench.open()
    ended = {"canceled": "job_canceled", "deleted": "job_canceled", "expired": "job_expired"}
    bulks = {state: fresh_id() for state in (*ended, "under way")}
    for state in ended:
        said = Verdict(state=state).encode().encode()
        await bench.store.put(verdict_key(bulks[state]), said)
    for state, bulk in bulks.items():
        for row, page in enumerate(("coffee.jpg", "chelsea.jpg")):
            place = f"{page}?{state.replace(' ', '-')}"
            await bench.ask(place, uuid=row_id(bulk, row), order=bulk)
    bench.start()
    found = await bench.answers(2 * len(bulks))
    await bench.until_empty()
    for state, code in ended.items():
        answers = [found[row_id(bulks[state], row)] for row in range(2)]
        assert [(each.error.code, each.order) for each in answers] == [(code, bulks[state])] * 2
    assert found[row_id(bulks["under way"], 0)].result == "red"
    assert sorted(bench.origin.hits) == ["/chelsea.jpg?under-way", "/coffee.jpg?under-way"]
    assert set(await bench.recorded()) == set(found)


async def test_pictures_are_read_out_of_listed_buckets_alone(bench):
    await bench.open()
    own = bench.names.deployment
    for bucket in ("inputs", "others"):
        store = S3Store(bench.aws, bucket)
        await store.ensure_bucket("us-east-1")
        await store.put("a/b c.jpg", (bench.folder / "pages" / "coffee.jpg").read_bytes())
        await store.put("large.jpg", bytes(300_001))
    await bench.store.put("uploads/x", (bench.folder / "pages" / "coffee.jpg").read_bytes())
    verdicts = {
        "s3://inputs/a/b%20c.jpg": "red",
        "s3://inputs/nothing.jpg": "upstream_status",
        "s3://inputs/large.jpg": "body_too_large",
        "s3://others/a/b%20c.jpg": "forbidden",
        f"s3://{own}/uploads/x": "forbidden",
        "s3://nowhere/a.jpg": "forbidden",
        "s3://inputs/%zz\u00e4": "invalid_url",
    }
    asked = dict(zip(await bench.ask(*verdicts), verdicts, strict=True))
    bench.start(input_buckets=f"inputs,{own}", max_bytes=300_000)
    found = await bench.answers(len(verdicts))
    said = {asked[uid]: each.result or each.error.code for uid, each in found.items()}
    assert said == verdicts
