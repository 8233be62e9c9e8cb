"""What takes long for ten thousand rows is not done on the event loop, where everybody waits for it."""

import threading

from api.bulk import books, fetching, manifest
from tests.unit.api.bulk.offices import CLIENT, TEMPLATE, Bucket, Office
from wire.bulk import fresh_id
from wire.inputs import Place
from wire.memory import MemoryStore


async def test_rows_are_made_written_and_read_in_a_thread(monkeypatch):
    where = {}

    def watched(name, does):
        def done(*given):
            where.setdefault(name, set()).add(threading.current_thread())
            return does(*given)

        return done

    monkeypatch.setattr(books, "pieces", watched("pieces", manifest.pieces))
    monkeypatch.setattr(books, "refusals", watched("refusals", manifest.refusals))
    monkeypatch.setattr(fetching, "_failed", watched("_failed", fetching._failed))
    monkeypatch.setattr(Place, "url", property(watched("url", Place.url.fget)))
    office, bulk = Office(MemoryStore(), Bucket(["a", "b"])), fresh_id()
    await office.service.submit_prefix(bulk, "s3://inputs/", TEMPLATE, CLIENT)
    await office.service.cancel(bulk, CLIENT.name)
    await office.take("bulk-finish")
    await office.service.retry(bulk, CLIENT)
    assert set(where) == {"pieces", "refusals", "_failed", "url"}
    for name, threads in where.items():
        assert threading.main_thread() not in threads, name
