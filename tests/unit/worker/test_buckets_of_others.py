"""A bucket that is slow, or fails, is counted like any host: it holds up nobody else's pictures."""

import asyncio

import pytest

from tests.unit.worker.workshop import Workshop
from wire.errors import UpstreamUnreachable
from wire.names import upload_key, upload_url
from worker.pictures import source


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://pictures/a%20b.jpg", "s3://pictures"),
        ("s3://pictures/b.jpg", "s3://pictures"),
        ("s3://others", "s3://others"),
        ("s3://Not a bucket/", ""),
        ("http://h.test/a", "h.test:80"),
        (upload_url(upload_key("a")), ""),
    ],
)
def test_whom_a_picture_comes_from(url, place):
    assert source(url) == place


async def test_a_slow_bucket_leaves_places_to_pictures_sent_as_bytes():
    shop = await Workshop(delay=30.0).open()
    await shop.store.put(upload_key("mine"), b"mine")
    async with asyncio.timeout(5):
        for row in range(20):  # more than there are places among the fetchers
            await shop.ask(f"row-{row}", image_url=f"s3://slow/{row}")
        await shop.ask("mine", image_url=upload_url(upload_key("mine")))
        loop = asyncio.create_task(shop.loop.run())
        batches = asyncio.create_task(shop.batcher.run())
        [answer] = await shop.answers(1)
        for task in (loop, batches):
            task.cancel()
    assert (answer.uuid, answer.result) == ("mine", "mine")


async def test_a_bucket_that_fails_is_an_answer_after_a_few_tries():
    shop = await Workshop().open()
    shop.pages["s3://gone/a"] = UpstreamUnreachable()
    await shop.ask("a", image_url="s3://gone/a", deadline=24 * 3600)
    async with shop.working():
        [answer] = await shop.answers(1)
    assert answer.error.code == "upstream_unreachable"
    assert len(shop.fetched) == 3
