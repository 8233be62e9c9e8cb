"""What S3 keeps of a bulk job, for it and for each of its rows."""

import json

from cli.journey import Event, Journey
from wire.bulk import BULK_ID, Verdict, row_of, verdict_key
from wire.store import Store


async def read(journey: Journey, store: Store) -> None:
    """Add it, where the id is a bulk job's or a row's."""
    bulk, row = row_of(journey.job) or (journey.job, None)
    if not BULK_ID.fullmatch(bulk):
        return
    key = f"bulk/{bulk}/job.json"
    data = await store.get(key)
    if data is None:
        journey.missed(f"{key}: none (it was deleted, or never asked for)")
        return
    job = json.loads(data)
    what = f"submitted, {job['rows']} rows" + ("" if row is None else f", this one {row}")
    journey.found(key, [Event(job["submitted"], what, "api", "store")])
    data = await store.get(verdict_key(bulk))
    state = "not ended" if data is None else Verdict.decode(data).state
    journey.seen.append(f"{bulk}: {state}")
    if row is None and data is not None:
        journey.settles(state)
    journey.supposes("queued" if row is not None else "running", "the bulk job has not ended")
