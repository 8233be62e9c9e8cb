"""One picture through a deployment, asked as any client asks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from classifycloud.client import Classification, Client, NotAllowed
from cli import deployment
from cli.asking import asking
from cli.keys_work import Revoking, Wish, adding, changed
from deploy import smoke
from deploy.account import Account
from deploy.errors import DeployError, NotThere
from deploy.formation import Formation, Stack
from wire.keyring import Refused

SAMPLE = Path(__file__).resolve().parents[1] / "local" / "samples" / "chelsea.jpg"
LIVES = timedelta(minutes=10)
KNOWN = 20.0  # seconds until every replica has read a new key; they look every five
NAME = "smoke"


def asked(
    account: Account,
    name: str,
    url: str | None,
    key: str | None,
    picture: str | None,
    timeout: float,
) -> dict[str, Any]:
    """Ask, and take the time apart; see `drawn`.

    Raises:
        DeployError: there is no such deployment, or it has no address.
    """
    from wire.settings import ClientSettings

    stack = Formation(account, name).stack()
    if stack is None:
        raise NotThere(name, account.region)
    where = url or stack.outputs.get("Url", "")
    if not where:
        raise DeployError(f"The stack is {stack.status} and has no address yet.")
    held = ClientSettings().key
    chosen = key or (held.get_secret_value() if held else None)
    with _key(account, stack, chosen) as shown:
        began = time.monotonic()
        with asking(where, shown, timeout) as service:
            answer, seconds = _answer(service, picture or str(SAMPLE), began + KNOWN)
    timings = answer.timings.model_dump(by_alias=True) if answer.timings else {}
    spans = smoke.spans(timings, seconds)
    return {
        "url": where,
        "result": answer.result,
        "labels": [label.model_dump(by_alias=True) for label in answer.labels],
        "model": f"{answer.model} {answer.model_version}",
        "seconds": round(seconds, 3),
        "spans": [{"what": each.what, "ms": round(each.ms, 1)} for each in spans],
    }


def drawn(found: dict[str, Any]) -> str:
    """The labels, then a bar for each part of the time."""
    lines = [f"{found['url']} says {found['result']!r} ({found['model']})"]
    lines += [f"  {100 * row['confidence']:5.1f} %  {row['name']}" for row in found["labels"]]
    spans = [smoke.Span(row["what"], row["ms"]) for row in found["spans"]]
    lines += ["", f"{1000 * found['seconds']:.0f} ms in all:"]
    return "\n".join([*lines, *(f"  {line}" for line in smoke.drawn(spans))])


def _answer(service: Client, picture: str, known: float) -> tuple[Classification, float]:
    """The answer and its seconds; a key that is new is tried until replicas know it."""
    while True:
        began = time.monotonic()
        try:
            # What the service remembers would show nothing of its workers.
            answer = service.classify(picture, max_age=0, idempotency_key=None)
            return answer, time.monotonic() - began
        except NotAllowed:
            if time.monotonic() > known:
                raise
        time.sleep(1)


@contextmanager
def _key(account: Account, stack: Stack, given: str | None) -> Iterator[str | None]:
    """The key to show: one's own, none where none is needed, or one that is made for this and ended after."""
    if given is not None or stack.parameters.get("Access") == "public":
        yield given
        return
    bucket = stack.outputs.get("BucketName", "")
    place = deployment.Deployment(stack.name, account.region, bucket, f"bucket {bucket}")
    new = adding(Wish(NAME, ("classify",), LIVES))
    try:
        deployment.ask(place, lambda store: changed(store, new.over))
    except Refused as error:
        raise DeployError(f"No key could be made: {error}\nGive one with --key.") from error
    ended = Revoking(new.key)
    try:
        yield new.key
    finally:
        deployment.ask(place, lambda store: changed(store, ended.over))
