"""The operator's page, wired once in each replica."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from api.access.guard import Access
from api.access.keyholder import Keyholder
from api.access.lasting import Lasting
from api.metrics import Metrics
from api.operate.desk import OperateDesk
from api.operate.feed import Feed, Past
from api.operate.letters import Letters
from api.reports import Reporter
from api.sessions.kept import Sessions
from wire.queues import Queues
from wire.settings import ApiSettings
from wire.store import Store


@dataclass(frozen=True, slots=True)
class Operating:
    """Its parts."""

    sessions: Sessions
    lasting: Lasting
    feed: Feed
    desk: OperateDesk


def operating(
    settings: ApiSettings,
    access: Access,
    queues: Queues,
    store: Store,
    past: Past,
    metrics: Metrics,
    reporter: Reporter,
    keys: Keyholder,
) -> Operating:
    """All of them; from now on the replica's reports tell how requests fare, and whether somebody looks."""
    sessions = Sessions(store)
    lasting = Lasting(access, sessions)
    letters = Letters(queues, settings.deployment, store)
    feed = Feed(store, past, letters.waiting, reporter.soon)

    def besides() -> Mapping[str, object]:
        told = metrics.tally
        return {
            "codes": dict(told.codes),
            "seconds": dict(told.seconds),
            "watched": feed.watched,
            "keys_age": _age(keys),
        }

    reporter.besides = besides
    return Operating(sessions, lasting, feed, OperateDesk(lasting, feed, letters, store))


def _age(keys: Keyholder) -> float | None:
    """None where they were never read: that is infinity, which no report can say."""
    age = keys.age()
    return age if math.isfinite(age) else None
