"""Who is worked beside whom."""

import asyncio

from worker.gate import Gate


async def test_those_inside_are_waited_for_and_those_outside_wait():
    gate, said = Gate(), []
    begun = asyncio.Event()

    async def ordinary(name, seconds):
        async with gate.together():
            said.append(f"{name} in")
            await asyncio.sleep(seconds)
            said.append(f"{name} out")

    async def suspect():
        async with gate.alone():
            said.append("suspect in")
            begun.set()
            await asyncio.sleep(0.02)
            said.append("suspect out")

    async def late():  # its picture was longer on its way
        await begun.wait()
        await ordinary("late", 0)

    await asyncio.gather(ordinary("early", 0.02), late(), suspect())
    assert said == ["early in", "early out", "suspect in", "suspect out", "late in", "late out"]
