"""Jobs whose deadline passed before anybody took them: answered, recorded, counted, not worked."""


async def test_an_expired_job_is_answered_recorded_and_counted_but_not_worked(bench):
    await bench.open()
    expired = await bench.ask("coffee.jpg", "chelsea.jpg", deadline=0.0)
    (good,) = await bench.ask("coffee.jpg")
    worker = bench.start()
    found = await bench.answers(3)
    await bench.until_empty()
    assert [found[uid].error.code for uid in expired] == ["job_expired"] * 2
    assert found[good].result == "red"
    assert bench.origin.hits == ["/coffee.jpg"]
    rows = await bench.recorded()
    assert {rows[uid]["error"]["code"] for uid in expired} == {"job_expired"}
    worker.terminate()
    last = await bench.reported("stopped")
    assert (last.served, last.failed) == (1, 2)
    assert worker.wait(60) == 0
