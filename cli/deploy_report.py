"""How `classifycloud deploy` shows what it found and what it does."""

import json
import re
from datetime import datetime
from typing import Any, Self

import typer
from rich.console import Console
from rich.status import Status

from deploy.down import Left
from deploy.follow import EVERY, Event
from deploy.formation import Stack
from deploy.logs import Line
from deploy.plan import Plan
from deploy.stages import failed
from deploy.standing import Standing
from deploy.up import Voice

MARKS = {"good": "ok", "warning": "note", "bad": "NO"}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MONTH = 730  # hours
EMULATED = 0.2  # seconds between looks at an emulator, which is done when it answers


class Progress:
    """Lines on stderr as things happen; in a terminal, what is waited for below them."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._status = Status("looking", console=self._console)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def voice(self, endpoint: str | None) -> Voice:
        """For what works; emulators are looked at more often."""
        return Voice(self.say, self.hear, EVERY if endpoint is None else EMULATED)

    def say(self, text: str) -> None:
        self._console.print(f"{datetime.now():%H:%M:%S}  {text}", markup=False)
        self._status.update(text)

    def hear(self, event: Event) -> None:
        """An event: what is done, and what fails; what begins is shown in a terminal alone."""
        what = f"{event.resource} ({event.kind.removeprefix('AWS::')})"
        if event.status.endswith("_COMPLETE") or failed(event.status):
            verb = event.status.lower().replace("_", " ")
            reason = f": {event.reason}" if failed(event.status) and event.reason else ""
            self._console.print(
                f"{event.at.astimezone():%H:%M:%S}    {verb:<16} {what}{reason}", markup=False
            )
        else:
            self._status.update(f"{what} …")


def planned(plan: Plan) -> str:
    """What was found, what changes, what it costs."""
    width = max(len(each.about) for each in plan.findings)
    lines = [f"{MARKS[each.mark]:<5}{each.about:<{width}}  {each.text}" for each in plan.findings]
    if plan.changes:
        lines += ["", "changes:"]
        lines += [
            f"  {name}: {old or '-'} -> {now or '-'}" for name, (old, now) in plan.changes.items()
        ]
    if plan.least is not None and plan.most is not None:
        lines += ["", "cost, at list prices:"]
        lines.append(_dollars("nobody asks, the least number of workers", plan.least))
        lines += [
            f"      {part:<34}{month / MONTH:9.4f} $/h"
            for part, month in plan.parts.items()
            if month
        ]
        lines.append(_dollars("the greatest number of workers, always busy", plan.most))
        lines.append("  line by line, for a number of pictures a day: classifycloud cost")
    lines.append("")
    lines.append(
        "Make it with the same options: classifycloud deploy up"
        if plan.possible
        else "`deploy up` would fail: mend what is marked NO."
    )
    return "\n".join(lines)


def stood(stack: Stack, region: str) -> str:
    """Where it is, and what to do next."""
    outputs = stack.outputs
    lines = [f"ClassifyCloud runs at {outputs.get('Url', '(no address)')}"]
    if outputs.get("Warning", "-") != "-":
        lines.append(f"Note: {outputs['Warning']}")
    own = f"CLASSIFYCLOUD_DEPLOYMENT={stack.name} CLASSIFYCLOUD_REGION={region}"
    lines += [
        "",
        f"  export CLASSIFYCLOUD_URL={outputs.get('Url', '')} {own} \\",
        f"         CLASSIFYCLOUD_BUCKET={outputs.get('BucketName', '')}",
        "  classifycloud deploy smoke            # one picture, and where the time went",
    ]
    if stack.parameters.get("Access", "keys") == "keys":
        lines.append("  classifycloud keys add NAME           # who asks needs a key")
    lines.append("  classifycloud deploy down             # ends it, and what it costs")
    return "\n".join(lines)


def stood_document(stack: Stack) -> dict[str, Any]:
    return {
        "deployment": stack.name,
        "status": stack.status,
        "url": stack.outputs.get("Url"),
        "outputs": dict(stack.outputs),
        "parameters": dict(stack.parameters),
    }


def shown(standing: Standing) -> str:
    """A line for each thing."""
    lines = [
        f"stack      {standing.stack.name}: {standing.stack.status}",
        f"front end  {standing.url or '-'}: {standing.front_end}, {standing.replicas} replicas",
    ]
    for role, states in standing.machines.items():
        counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        lines.append(f"{role:<11}{counted}")
    for queue, seen in sorted(standing.queues.items()):
        if seen is None:
            lines.append(f"{queue:<10} unknown: no figures of the last three minutes")
        elif any(seen):
            lines.append(f"{queue:<10} {seen[0]} waiting, {seen[1]} in flight")
    lines.append(f"alarms     {', '.join(standing.alarms) or 'none'}")
    return "\n".join(lines)


def emptied(left: Left, deployment: str) -> str:
    """What there is now, which ought to be nothing."""
    lines = [f"kept: {name} ({why})" for name, why in left.kept.items()]
    if not left.found:
        return "\n".join(
            [*lines, f"Nothing is left of {deployment!r}: everything was listed again."]
        )
    lines.append(f"Of {deployment!r} there still is:")
    lines += [f"  {kind}: {', '.join(names)}" for kind, names in left.found.items()]
    return "\n".join([*lines, "Run the command again; what stays then has to be removed by hand."])


def emptied_document(left: Left) -> dict[str, Any]:
    return {"kept": left.kept, "left": left.found}


def line_of(line: Line, as_json: bool) -> str:
    if as_json:
        return json.dumps({"at": line.at, "stream": line.stream, "text": line.text})
    return f"{datetime.fromtimestamp(line.at):%H:%M:%S} {line.stream:<28} {line.text}"


def span(text: str) -> float:
    """Seconds of `90s`, `10m`, `2h`, `1d`."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no time span: a number and s, m, h or d")
    return float(found[1]) * UNITS[found[2]]


def _dollars(what: str, hour: float) -> str:
    return f"  {what:<44}{hour:9.4f} $/h {hour * MONTH:10.2f} $ a month"
