"""Questions of one client about one picture, asked at once."""

import asyncio

CAT = "https://example.com/cat.jpg"
ON = {"cache_seconds": 60}
NO_CACHE = {"Cache-Control": "no-cache"}


def ask(api, count=1, headers=None, **query):
    params = {"url": CAT} | query
    return [
        asyncio.create_task(api.http.get("/classify", params=params, headers=headers))
        for _ in range(count)
    ]


async def waiting(api, count):
    """Until so many wait for a job that was sent."""
    await api.pending(count)


def told(answers):
    return [(answer.status_code, answer.json()["uuid"]) for answer in answers]
