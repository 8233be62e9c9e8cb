"""What `explain` and `scale` say."""

from datetime import UTC, datetime, timedelta

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from balancer.saved import Holds
from cli.explain import span
from cli.explain_report import blocks
from cli.main import app
from cli.scale_report import as_document, report
from wire.ruling import Ruling
from wire.standing import Standing
from wire.store import Kept
from wire.tick_record import Cost, Ended, Opinion, Seen, TickRecord

AT = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
QUIET = TickRecord(
    at=AT,
    tick=1,
    epoch=3,
    policy="criterion",
    saw=Seen(queued=0, in_flight=0, workers=1, idle=1),
    limits={"min_workers": 1, "max_workers": 4},
    numbers={"D": 0, "F": 0, "S": -1},
    reason="queue empty, none to spare",
    desired=1,
)
BUSY = QUIET.model_copy(
    update={
        "saw": Seen(queued=120, in_flight=16, workers=1, busy=1, oldest_wait=3.2, boot_seconds=4.5),
        "numbers": {"D": 24.0, "F": 4.0, "S": 3.0},
        "reason": "S > 0: workers are missing",
        "bound": "W_max",
        "desired": 4,
        "wanted_launch": 3,
        "launched": 2,
        "ended": (Ended(worker="w-1", reason="it was not ready within 60 s"),),
        "others": {
            "keda": Opinion(2, 1, 0),
            "forecast": Opinion(5, 0, 0),
            "cortex": Opinion(fault="x"),
        },
        "shadow": "forecast",
        "cost": Cost(hourly=0.31, per_thousand=0.002, left=0.19, runs_on={"c7a.large spot": 3}),
    }
)


def after(record: TickRecord, ticks: int) -> TickRecord:
    return record.model_copy(update={"at": AT + timedelta(seconds=5 * ticks), "tick": 1 + ticks})


def shown(*records: TickRecord) -> list[str]:
    console = Console(width=160, record=True)
    found = list(blocks(records))
    with console.capture() as captured:
        for block in found:
            console.print(block)
    return captured.get().splitlines()


def test_unchanged_quiet_ticks_are_one_line() -> None:
    [line] = shown(*(after(QUIET, number) for number in range(24)))
    assert "24 quiet ticks" in line
    assert "1 worker (1 idle)" in line
    assert "queue empty, none to spare" in line


def test_a_tick_with_deeds_is_told_with_its_formula_limit_and_what_others_wanted() -> None:
    lines = shown(QUIET, after(QUIET, 1), after(BUSY, 2), after(QUIET, 3))
    assert "2 quiet ticks" in lines[0]
    assert "1 quiet tick" in lines[-1]
    text = "\n".join(lines[1:-1])
    for part in (
        "+2 launched",
        "4 wanted",
        "120 queued",
        "oldest 3.2 s",
        "4.5 s a boot",
        "D = 24  F = 4  S = 3",
        "1 to 4 workers, bound by W_max; 1 of 3 did not come",
        "w-1: it was not ready within 60 s",
        "keda 2 (+1)",
        "forecast (shadow) 5",
        "cortex broke",
        "0.31 $ an hour",
        "3 c7a.large spot",
        "0.19 $ an hour left in the budget",
    ):
        assert part in text


def test_launches_that_nobody_tried_were_held_back() -> None:
    some = BUSY.model_copy(update={"bound": "booting", "launched": 1, "held_back": 2})
    assert "bound by booting; 2 of 3 held back" in "\n".join(shown(some))
    mixed = BUSY.model_copy(update={"launched": 1, "held_back": 1})
    text = "\n".join(shown(mixed))
    assert "bound by W_max; 1 of 3 held back, 1 of 3 did not come" in text
    none = BUSY.model_copy(update={"launched": 0, "held_back": 3})
    assert "did not come" not in "\n".join(shown(none))


def test_what_changed_while_nothing_was_done_is_a_line_of_its_own() -> None:
    more = after(QUIET, 1).model_copy(update={"desired": 2})
    assert len(shown(QUIET, more, after(more, 2))) == 2


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("1.5m", 90)]
)
def test_time_spans(text, seconds) -> None:
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "0s", "5d", "1e9h", "9" * 40 + "h"])
def test_what_is_no_time_span_is_refused(text) -> None:
    with pytest.raises(typer.BadParameter):
        span(text)


HOLDS = Holds(
    policy="criterion",
    set_min=1,
    set_max=2,
    min_workers=0,
    max_workers=9,
    bound="operator",
    every=5.0,
    paused=True,
    workers=3,
    hourly=0.25,
)


def test_scale_says_what_holds() -> None:
    kept = Kept(Ruling(max_workers=9, paused=True).encode().encode(), "tag", 1.0)
    standing = Standing(kept, None, 0.0, HOLDS, 4.0)
    text = report(standing, "the service on d", changed=True)
    for part in ("at most 9, paused", "0 to 9 workers", "1 to 2", "3 running", "0.25 $", "10 s"):
        assert part in text
    document = as_document(standing)
    assert document["operator"] == {"min_workers": None, "max_workers": 9, "paused": True}
    assert document["holds"]["bound"] == "operator"
    assert document["leader"] is None


def test_scale_says_that_nothing_is_known_yet() -> None:
    text = report(Standing(None, None, 0.0, None, 0.0), "the service on d", changed=False)
    assert "has not kept a tick yet" in text
    assert "none has led yet" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scale", "--pause", "--resume"], "contradict"),
        (["scale", "--min", "5", "--max", "2"], "--min 5 is above --max 2"),
        (["scale", "--reset", "--min", "1"], "give it alone"),
        (["scale", "--max", "0"], "--max"),
        (["explain", "--last", "soon"], "90s, 10m or 2h"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(arguments, says, tmp_path) -> None:
    done = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert says in " ".join(done.output.replace("│", " ").split())


@pytest.mark.parametrize("command", ["explain", "scale"])
def test_without_a_service_it_is_said_how_to_start_one(command, tmp_path) -> None:
    done = CliRunner().invoke(app, [command, "--data", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "classifycloud up --data" in done.output


def test_another_epoch_is_told() -> None:
    later = after(QUIET, 9).model_copy(update={"epoch": 4})
    lines = shown(QUIET, after(QUIET, 1), later)
    assert sum("epoch 4 begins" in line for line in lines) == 1
    assert not any("begins" in line for line in shown(QUIET, after(QUIET, 1)))
