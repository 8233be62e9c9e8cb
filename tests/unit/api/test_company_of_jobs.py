"""A job waits for others to share its call only where many wait for their answers already."""

import asyncio

from api.submit import COMPANY, CROWD
from wire.memory import MemoryQueue


async def test_those_behind_a_crowd_wait_for_company_and_a_lone_one_never(deployment, monkeypatch):
    waits: list[float] = []
    crowded = asyncio.Event()
    send = MemoryQueue.send

    async def noted(self, body, group=None, patience=0.0):
        if self.name == deployment.names.requests:
            waits.append(patience)
            if len(waits) == 2 * CROWD:
                crowded.set()
        await send(self, body, group)

    monkeypatch.setattr(MemoryQueue, "send", noted)
    api = await deployment.replica()
    asking = [asyncio.create_task(api.classify()) for _ in range(2 * CROWD)]
    await crowded.wait()
    await deployment.worker()
    answers = await asyncio.gather(*asking)
    assert {answer.status_code for answer in answers} == {200}
    assert set(waits) <= {0.0, COMPANY}
    assert waits.count(COMPANY) >= CROWD
    await api.classify()
    assert waits[-1] == 0.0
