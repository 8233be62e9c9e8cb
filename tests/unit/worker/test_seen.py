"""What a worker remembers of pictures, and for whom."""

from types import SimpleNamespace

from tests.unit.worker.workshop import Workshop
from wire.messages import Label
from worker.seen import LABELS, SeenPictures

MODEL = SimpleNamespace(name="names", version="7")


def labels(count):
    return tuple(Label(name=f"n{i}", class_id=str(i), confidence=0.5) for i in range(count))


def parcel(top=5, group=None, suspect=False, fresh=False, sieve=None):
    job = SimpleNamespace(top=top, fresh=fresh, sieve=sieve)
    return SimpleNamespace(job=job, suspect=suspect, received=SimpleNamespace(group=group))


def look(seen, data=b"cat", model=MODEL, **more):
    return seen.look(parcel(**more), model, data)


def test_the_same_bytes_have_the_same_labels_as_many_as_are_asked_for():
    seen = SeenPictures(4)
    look(seen).keep(labels(5))
    assert look(seen).labels() == labels(5)
    assert look(seen, top=2).labels() == labels(2)
    assert look(seen, top=6).labels() is None
    assert look(seen, data=b"dog").labels() is None


def test_a_model_with_fewer_labels_than_were_asked_for_has_shown_them_all():
    seen = SeenPictures(4)
    look(seen, top=1000).keep(labels(3))
    assert look(seen, top=700).labels() == labels(3)


def test_another_model_version_or_client_has_not_seen_it():
    seen = SeenPictures(4)
    look(seen, group="client-a").keep(labels(5))
    assert look(seen, group="client-a").labels() == labels(5)
    assert look(seen, group="client-b").labels() is None
    assert look(seen).labels() is None
    other = SimpleNamespace(name="names", version="8")
    assert look(seen, group="client-a", model=other).labels() is None


def test_suspects_and_jobs_that_want_work_are_worked():
    seen = SeenPictures(4)
    look(seen, fresh=True).keep(labels(5))
    assert look(seen, suspect=True).labels() is None
    assert look(seen, fresh=True).labels() is None
    assert look(seen).labels() == labels(5)


def test_it_is_bounded_in_pictures_and_in_labels():
    seen = SeenPictures(3)
    for at in range(5):
        look(seen, data=bytes([at])).keep(labels(5))
    assert len(seen) == 3
    assert look(seen, data=b"\x01").labels() is None
    assert look(seen, data=b"\x02").labels() is not None  # and is the latest used from now on
    look(seen, data=b"new").keep(labels(5))
    assert look(seen, data=b"\x03").labels() is None
    assert look(seen, data=b"\x02").labels() is not None
    look(seen, data=b"all", top=1000).keep(labels(3 * LABELS))
    assert len(seen) == 1
    look(seen, data=b"too many", top=1000).keep(labels(3 * LABELS + 1))
    assert len(seen) == 0


async def test_a_picture_is_put_through_the_engine_once_and_recorded_each_time():
    shop = await Workshop(seen=SeenPictures(10)).open()
    shop.pages |= {f"http://h.test/{name}": b"cat" for name in "abcd"}
    async with shop.working():
        await shop.ask("a")
        (first,) = await shop.answers(1)
        await shop.ask("b", top=2)
        (second,) = await shop.answers(1)
        await shop.ask("c", fresh=True)
        (third,) = await shop.answers(1)
        await shop.until_empty()
    assert shop.model.batches == [[b"cat"], [b"cat"]]
    assert (first.cached, second.cached, third.cached) == (False, True, False)
    assert second.labels == first.labels[:2]
    assert (second.result, second.model, second.model_version) == ("cat", "names", "7")
    assert second.timings.fetch_ms > 0
    assert second.timings.decode_ms == second.timings.inference_ms == 0
    assert shop.fetched == [f"http://h.test/{name}" for name in "abc"]
    assert sorted(line["uuid"] for line in await shop.lines()) == ["a", "b", "c"]


async def test_what_failed_is_not_remembered():
    shop = await Workshop(seen=SeenPictures(10)).open()
    shop.pages |= {f"http://h.test/{name}": b"bomb" for name in "ab"}
    async with shop.working():
        for name in "ab":
            await shop.ask(name)
            (answer,) = await shop.answers(1)
            assert answer.error.code == "internal"
    assert len(shop.model.batches) >= 2


async def test_a_message_that_comes_again_is_worked_again():
    shop = await Workshop(seen=SeenPictures(10)).open()
    async with shop.working():
        await shop.ask("cat")
        await shop.answers(1)
        await shop.until_empty()
    await shop.ask("again", image_url="http://h.test/cat")
    await shop.redeliver(1)
    shop.hire()
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert not answer.cached
    assert shop.model.batches == [[b"cat"]]
