"""The witness and the diary against the files that the real server and a real log leave."""

import json
import sqlite3

from bench.live.diary import Diary
from bench.live.witness import Witness
from bench.scale_in.figures import Found, Scaled, scaled
from local.sqs.database import Database


def queue_file(folder):
    database = Database(folder)
    sql = database.connection
    for number, name in enumerate(("cc-requests", "cc-reports"), 1):
        sql.execute("INSERT INTO queues VALUES (?, ?, '{}', '{}', 0, 0)", (number, name))
    return database


def put(database, queue, name, receives):
    database.connection.execute(
        "INSERT INTO messages (queue, visible_ms, sent_ms, receives, message_id, md5, body)"
        " VALUES (?, 0, 0, ?, ?, '', '')",
        (queue, receives, name),
    )


def test_receives_beyond_the_first_are_counted_once_and_kept(tmp_path):
    database = queue_file(tmp_path)
    for name, receives in (("fresh", 0), ("held", 1), ("again", 2), ("and-again", 3)):
        put(database, 1, name, receives)
    put(database, 2, "a-report", 7)
    watched = Witness(database.path)
    watched.look()
    watched.look()
    assert watched.redelivered == 1 + 2
    database.connection.execute("UPDATE messages SET receives = 3 WHERE message_id = 'again'")
    watched.look()
    database.connection.execute("DELETE FROM messages")
    watched.look()
    assert watched.redelivered == 2 + 2
    database.close()


def test_a_witness_cannot_change_what_it_looks_at(tmp_path):
    database = queue_file(tmp_path)
    connection = sqlite3.connect(f"file:{database.path}?mode=ro", uri=True)
    Witness(database.path).look()
    assert connection.execute("SELECT count(*) FROM queues").fetchone() == (2,)
    database.close()


def line(name, at=0, process="worker", **fields):
    stamp = f"2026-11-21T12:00:{at:02d}.250000Z"
    return json.dumps({"event": name, "process": process, "timestamp": stamp, **fields}) + "\n"


def test_a_diary_reads_whole_lines_as_they_come(tmp_path):
    log = tmp_path / "balancer.log"
    diary = Diary(log)
    assert diary.events() == []
    log.write_text(
        "Traceback (most recent call last):\n" + line("ready", 1) + line("ready", 2)[:20]
    )
    assert [event.name for event in diary.events()] == ["ready"]
    with log.open("a") as more:
        more.write(line("ready", 2)[20:] + line("tick", 3, "balancer", workers=2))
    assert [event.name for event in diary.events()] == ["ready", "ready", "tick"]
    first, second = diary.of("ready", "worker")
    assert second.at - first.at == 1.0
    assert diary.of("tick")[0].fields["workers"] == 2


def test_scale_ins_are_those_who_took_a_message(tmp_path):
    log = tmp_path / "balancer.log"
    log.write_text(
        line("draining", reason="terminate of tick 4: S < 0", busy=3)
        + line("draining", reason="terminate of tick 5: queue empty", busy=0)
        + line("draining", reason="SIGTERM", busy=1)
        + line("worker launched", process="balancer")
        + line("worker exited", process="balancer", code=0)
        + line("worker exited", process="balancer", code=None)
        + line("worker exited", process="balancer", code=-9)
    )
    assert scaled(Diary(log)) == Scaled(busy=1, idle=1, launches=1, failed=1)


def test_one_job_handed_out_again_or_lost_spoils_it():
    good = {
        "redelivered": 0,
        "fetched_again": 0,
        "missing": 0,
        "doubled": 0,
        "seconds": 1.0,
        "control": 1,
    }
    some = Scaled(1, 1, 2, 0)
    assert Found(some, {200: 9}, **good).holds
    assert not Found(some, {200: 9}, **good | {"control": 0}).holds
    assert not Found(some, {200: 8, 504: 1}, **good).holds
    for name in ("redelivered", "fetched_again", "missing", "doubled"):
        assert not Found(some, {200: 9}, **good | {name: 1}).holds
