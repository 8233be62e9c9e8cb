"""A webhook is delivered once for each end that was asked for, whoever tries and whatever fails."""

import asyncio
import base64
import hashlib
import hmac
import json
from types import SimpleNamespace

import pytest

from api.chores.consumer import Later
from api.chores.desk import WEBHOOK, Told
from api.hooks.delivery import Delivery, NotTold, Patience, Refused
from api.hooks.ledger import SENDING, Ledger
from api.hooks.secrets import Secrets
from api.hooks.subjects import Subject
from api.hooks.wish import Webhook
from wire.hook_secrets import KEY, HookSecrets, made, rotated
from wire.memory import MemoryStore
from wire.messages import Chore

CHORE = Chore.of(WEBHOOK, Told(job="j1"))
HOOK = "https://example.com/told?by=us"


def received(times=1):
    return SimpleNamespace(receive_count=times)


class Receiver:
    """Answers with these statuses, one after the other and then the last; None for no answer at all, or with
    such an error."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.came = []
        self.inside = self.most = 0

    async def __call__(self, url, headers, body):
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.001)
        self.inside -= 1
        self.came.append((url, headers, body))
        status = self.statuses[min(len(self.came), len(self.statuses)) - 1]
        if status is None:
            raise NotTold("it took too long")
        if isinstance(status, NotTold):
            raise status
        return status


class World:
    """A store, a clock, and replicas that share them."""

    def __init__(self, receiver, tries=16):
        self.time = 1_000.0
        self.store = MemoryStore(lambda: self.time)
        self.receiver = receiver
        self.patience = Patience(5.0, tries)
        self.subject = Subject("j1", "shop", Webhook(url=HOOK), "succeeded", {"uuid": "j1"})
        self.secret = made(0.0)
        self.renewed = []

    async def open(self):
        await self.keep(rotated(HookSecrets(), "shop", self.secret, 0.0, 0.0))
        return self

    async def keep(self, secrets):
        await self.store.put(KEY, secrets.encode().encode())

    def replica(self):
        clock = lambda: self.time  # noqa: E731

        async def find(_job):
            return self.subject

        secrets = Secrets(self.store, clock, clock)
        ledger = Ledger(self.store)

        async def renew(chore):
            self.renewed.append(chore)

        return Delivery(find, secrets, ledger, self.receiver, self.patience, renew, clock)

    async def attempt(self, replica):
        """Seconds until it is to be tried again, None once it is over."""
        try:
            await replica(CHORE, received())
        except Later as later:
            return later.seconds
        return None

    async def until_over(self, *replicas):
        """What each chore of these replicas waits, to the end; how many attempts that took."""
        attempts, due = 0, dict.fromkeys(replicas, self.time)
        while due:
            self.time = max(self.time, min(due.values()))
            ready = [each for each, at in due.items() if at <= self.time]
            attempts += len(ready)
            for each, wait in zip(
                ready, await asyncio.gather(*map(self.attempt, ready)), strict=True
            ):
                if wait is None:
                    del due[each]
                else:
                    due[each] = self.time + wait
        return attempts


async def test_several_replicas_with_the_same_chore_deliver_once_and_one_at_a_time():
    world = await World(Receiver(500, None, 302, 200)).open()
    await world.until_over(*(world.replica() for _ in range(5)))
    assert len(world.receiver.came) == 4
    assert world.receiver.most == 1
    assert len({body for _, _, body in world.receiver.came}) == 1
    assert {headers["webhook-id"] for _, headers, _ in world.receiver.came} == {"j1.succeeded"}
    assert await world.attempt(world.replica()) is None
    assert len(world.receiver.came) == 4


async def test_every_signature_holds_and_a_rotated_secret_signs_on_for_a_while():
    world = await World(Receiver(500)).open()
    replica, new = world.replica(), made(1_000.0)
    await world.attempt(replica)
    old = HookSecrets.read(await world.store.get(KEY))
    await world.keep(rotated(old, "shop", new, world.time, 3600))
    world.time += 60
    await world.attempt(replica)
    world.time += 3600
    await world.attempt(replica)
    expected = [[world.secret], [new, world.secret], [new]]
    for (_, headers, body), secrets in zip(world.receiver.came, expected, strict=True):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        keys = [base64.b64decode(each.text.removeprefix("whsec_")) for each in secrets]
        macs = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
        texts = [f"v1,{base64.b64encode(mac).decode()}" for mac in macs]
        assert headers["webhook-signature"] == " ".join(texts)
    assert json.loads(world.receiver.came[0][2]) == {
        "type": "job.succeeded",
        "data": {"uuid": "j1"},
    }


async def test_pauses_double_and_it_is_given_up_after_so_many_tries():
    world = await World(Receiver(503), tries=4).open()
    replica, waits = world.replica(), []
    while (wait := await world.attempt(replica)) is not None:
        waits.append(wait)
        world.time += wait
    assert len(world.receiver.came) == 4
    assert all(
        least <= wait <= 2 * least + 2 for wait, least in zip(waits, (2.5, 5, 10), strict=True)
    )
    assert await world.attempt(replica) is None
    assert len(world.receiver.came) == 4
    assert {name: count for name, count in replica.counts.items() if count} == {
        "failed": 3,
        "given_up": 1,
    }


async def test_tries_are_counted_by_what_came_of_them():
    world = await World(Receiver(None, Refused("blocked_address"), 302, 200)).open()
    replica = world.replica()
    await world.until_over(replica)
    counted = {"delivered": 1, "failed": 2, "refused": 1, "gone": 0, "given_up": 0}
    assert replica.counts == counted


async def test_who_says_gone_is_not_asked_again():
    world = await World(Receiver(410)).open()
    assert await world.attempt(world.replica()) is None
    assert await world.attempt(world.replica()) is None
    assert len(world.receiver.came) == 1


async def test_a_replica_that_died_while_it_sent_is_stood_in_for_under_the_same_id():
    world = await World(Receiver(200)).open()
    turn = await Ledger(world.store).take("j1", "succeeded")
    assert turn.tried == 1
    assert await world.attempt(world.replica()) > 0
    assert world.receiver.came == []
    world.time += SENDING + 1
    assert await world.attempt(world.replica()) is None
    await Ledger(world.store).note(
        turn, (await noted(world)).model_copy(update={"phase": "waiting"})
    )
    assert (await noted(world)).phase == "told"  # the dead one was only slow: what is noted stands


async def noted(world):
    from api.hooks.ledger import Line, hook_key

    return Line.decode(await world.store.get(hook_key("j1", "succeeded")))


async def test_what_was_not_asked_for_and_what_is_forgotten_is_not_told():
    world = await World(Receiver(200)).open()
    replica = world.replica()
    world.subject = Subject("j1", "shop", Webhook(url=HOOK, events=("failed",)), "succeeded", {})
    assert await world.attempt(replica) is None
    world.subject = None
    assert await world.attempt(replica) is None
    assert world.receiver.came == []


async def test_without_a_secret_nothing_is_sent_and_another_clients_is_none():
    world = await World(Receiver(200)).open()
    world.subject = Subject("j1", "other", Webhook(url=HOOK), "succeeded", {})
    assert await world.attempt(world.replica()) > 0
    assert world.receiver.came == []


async def test_one_host_has_two_at_once_and_the_others_come_later():
    world = await World(Receiver(200)).open()
    replica = world.replica()

    async def find(job):
        return Subject(job, "shop", Webhook(url=HOOK), "succeeded", {})

    replica._find = find
    chores = [Chore.of(WEBHOOK, Told(job=f"j{at}")) for at in range(6)]
    done = await asyncio.gather(
        *(replica(each, received(40)) for each in chores), return_exceptions=True
    )
    assert world.receiver.most == 2
    waits = [each.seconds for each in done if isinstance(each, Later)]
    assert len(waits) == 4
    assert all(150 <= wait <= 300 for wait in waits)  # after so many receives


async def test_a_chore_that_is_near_its_last_receive_goes_on_as_another():
    world = await World(Receiver(200)).open()
    await world.replica()(CHORE, received(50))
    assert world.renewed == [CHORE]
    assert world.receiver.came == []


@pytest.mark.parametrize("events", [(), ("running",), ("succeeded",) * 5])
def test_events_are_ends_of_jobs(events):
    with pytest.raises(ValueError, match="events"):
        Webhook(url=HOOK, events=events)
