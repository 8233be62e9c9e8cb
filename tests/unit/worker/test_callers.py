"""What one caller's pictures cost another's: by the group that a message came with, and the host it names."""

import asyncio
from dataclasses import dataclass, field

from tests.unit.worker.workshop import REPLIES, Workshop
from wire.errors import FetchTimeout
from wire.messages import Job
from worker.breaker import STRIKES, Breaker


@dataclass
class Visited(Workshop):
    """Pictures called `tar` never come; those called `late` run out, after 15 s by its clock."""

    now: float = 0.0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def _download(self, url):
        name = url.rsplit("/", 1)[-1]
        if name.startswith("late"):
            self.now += 15.0
            raise FetchTimeout
        if name.startswith("tar"):
            await self.over.wait()
        return name.encode()

    async def send(self, name, host, group):
        job = Job(uuid=name, image_url=f"http://{host}/{name}", reply_to=REPLIES)
        await self.shared.requests.send(job.encode(), group)


async def test_a_caller_with_silent_hosts_without_end_leaves_places_to_another():
    shop = await Visited(fetchers=4).open()
    for at in range(8):
        await shop.send(f"tar{at}", f"n{at}.test", "loud")
    await shop.send("good", "h.test", "quiet")
    async with shop.working():
        (answer,) = await shop.answers(1)
        assert (answer.uuid, answer.result) == ("good", "good")
        shop.over.set()
        await shop.answers(8)


async def test_a_host_is_left_alone_for_whom_it_let_run_out_however_he_spells_it():
    shop = await Visited(fetchers=1).open()
    shop.journey._work._breaker = Breaker(15.0, lambda: shop.now)
    spelled = ["h.test", "H.test", "h%2Etest", "h.test:80", "h.test."]
    assert len(spelled) == STRIKES
    for at, host in enumerate(spelled):
        await shop.send(f"late{at}", host, "loud")
    async with shop.working():
        await shop.answers(len(spelled))
        await shop.send("mine", "h.test", "loud")
        await shop.send("yours", "h.test", "quiet")
        answers = {answer.uuid: answer for answer in await shop.answers(2)}
    assert "left alone" in answers["mine"].error.message
    assert answers["yours"].result == "yours"
