"""The balancer's parts wired together, once its queues are open."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from balancer import holder
from balancer.act import Actor
from balancer.boots import Boots
from balancer.dead_letters import DeadLetters
from balancer.ear import Ear
from balancer.fleet import Fleet
from balancer.fleets.process import OPERATOR
from balancer.inbox import Inbox
from balancer.journal import Journal
from balancer.keeping import Keeper
from balancer.leader import Leader, elapsed
from balancer.ledger import Ledger
from balancer.loop import Balancer
from balancer.metrics import Metrics
from balancer.observe import Observer
from balancer.operator import Desk
from balancer.others import Others
from balancer.paperwork import Paperwork
from balancer.patience import Patience
from balancer.plan import Limits, Policy
from balancer.reaper import Reaper
from balancer.recall import Recall
from balancer.replicas import Replicas
from balancer.rules import RuleBook
from balancer.scribe import Policies, Scribe
from balancer.watch import MISSED_LOOKS, Watch, freshness
from wire.names import QueueNames
from wire.queues import Queue, Queues
from wire.settings import BalancerSettings
from wire.store import Store
from wire.topology import Shared

CLOCK = elapsed  # ages in SQS time are taken off it, and SQS does not sleep
# Whoever missed two heartbeats and some may be gone; a shorter patience would end the living.
MISSED = 2.5
# Each worker of one machine takes all its cores: a second boot delays the first one's answers.
BOOTS_HERE = 1
LEASE_TICKS = 3  # ticks that a lease lasts at least: the holder acts in all but the last


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs."""

    leader: Leader
    balancer: Balancer
    reaper: Reaper
    paperwork: Paperwork
    ear: Ear


def wire(
    settings: BalancerSettings,
    decide: tuple[Policy, Limits],
    fleet: Fleet,
    sinks: Sequence[Metrics],
    shared: Shared,
    queues: Queues,
    store: Store,
    patient: Callable[[], Awaitable[Queue]],
) -> Parts:
    """Make every part of one balancer. `patient` opens the reports queue for long polls."""
    policy, limits = decide
    watch, ledger = Watch(CLOCK(), freshness(settings.tick)), Ledger()
    keeper, journal = Keeper(store, settings.heartbeat, CLOCK), Journal(store, CLOCK)
    leader = _leader(settings, store, keeper)
    desk = Desk(store, limits, _copy(settings))
    replicas = Replicas(watch, settings.heartbeat)
    inbox = Inbox(shared.reports, shared.dead_letter, CLOCK)
    observer = Observer(
        fleet, shared.requests, inbox, ledger, replicas, watch, settings.paid_minute
    )
    ear = Ear(patient, inbox, observer.nobody)
    boots = Boots(BOOTS_HERE, settings.boot_seconds) if settings.fleet == "process" else None
    actor = Actor(
        fleet, shared.terminate, ledger, watch, _patience(settings), leader.may_act, boots
    )
    dead = DeadLetters(shared.dead_letter, CLOCK)
    errands = (keeper.write, journal.put_due, desk.look, dead.look)
    paperwork = Paperwork(errands, (keeper.write, journal.put))
    asked = Policies(settings.policy, settings.shadow, Others.but(settings.policy, settings.shadow))
    told = (journal, keeper, ledger, observer, dead)
    scribe = Scribe(asked, limits, sinks, *told, paperwork.tell)
    book = RuleBook(desk, ledger, settings.budget)
    anew = (watch.begin, actor.begin, observer.begin, scribe.begin)
    recall = Recall(leader, keeper, desk, ledger, replicas, observer, anew, CLOCK)
    balancer = Balancer(
        leader, observer, ledger, book, policy, actor, recall.begin, scribe.tell, ear.word, CLOCK
    )
    reaper = _reaper(settings, queues, store, shared, replicas, leader)
    return Parts(leader, balancer, reaper, paperwork, ear)


def _leader(settings: BalancerSettings, store: Store, keeper: Keeper) -> Leader:
    # The lock on its folder proves that a process fleet's former balancer is dead.
    named = holder.lasting(settings.fleet_dir) if settings.fleet == "process" else holder.passing()
    seconds = max(settings.lease, LEASE_TICKS * settings.tick)
    return Leader(store, named, seconds, settings.tick, keeper.epoch)


def _copy(settings: BalancerSettings) -> Path | None:
    return settings.fleet_dir / OPERATOR if settings.fleet == "process" else None


def _patience(settings: BalancerSettings) -> Patience:
    silence = max(settings.silence, MISSED * settings.heartbeat)
    return Patience(settings.boot_grace, silence, settings.stop_grace, settings.visibility)


def _reaper(
    settings: BalancerSettings,
    queues: Queues,
    store: Store,
    shared: Shared,
    replicas: Replicas,
    leader: Leader,
) -> Reaper:
    names = QueueNames(settings.deployment)
    # What the living said can be read that much later.
    unread = MISSED_LOOKS * settings.tick
    after = max(settings.reap_after, MISSED * settings.heartbeat + unread)
    return Reaper(queues, names, store, shared.dead_letter, replicas, after, CLOCK, leader.may_act)
