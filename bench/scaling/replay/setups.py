"""What is replayed: traffic, workers, boot times; and which file of arrivals is where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OURS = ("wait-time", "forecast")
RIVALS = ("keda", "target-tracking", "cortex", "criterion")
POLICIES = (*OURS, *RIVALS, "always-max")
BOOTS = (45, 10, 1)
REAL = {
    "conv": "azure_llm_conv.csv",
    "code": "azure_llm_code.csv",
}
HALF = 1800  # seconds; policies were tuned on what came before
SETTLED = 300  # seconds after which a repeated trace is judged
# Mean arrivals a second, such that the peaks are about what 19 workers do at a second a picture.
GENERATED = {"poisson": 6.0, "diurnal": 6.0, "flash": 3.0, "on-off": 5.0}

Options = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Setup:
    """A table: `title` says what it is, `options` are those of `classifycloud simulate`.

    `speed` is how much faster than in the file traffic comes, `repeat` how often after each other. Half
    an hour sped up is too short to be `judged` by: what is paid for in it was launched before.
    """

    title: str
    options: Options
    speed: int = 1
    repeat: int = 1
    judged: bool = True


# QOS is what a worker does in 5 s, as its default of 5 is at a second a picture.
SHORT: Options = {"service-time": 0.015, "max-workers": 1000, "qos": 333}
SETUPS = (
    Setup("1 s a picture, W_max 19", {"service-time": 1, "max-workers": 19}),
    Setup(
        "15 ms a picture, traffic sped up 60 times, W_max 1 000",
        SHORT,
        speed=60,
        judged=False,
    ),
    Setup(
        "15 ms a picture, traffic sped up 60 times and repeated to an hour, W_max 1 000",
        SHORT,
        speed=60,
        repeat=60,
    ),
)


@dataclass(frozen=True, slots=True)
class Traffic:
    """One column of a table; `judged` is what the policies are judged by."""

    name: str
    options: Options
    judged: bool = False


def traffic(setup: Setup, folder: Path) -> Iterator[Traffic]:
    """What a table is made of; the real traces where their files are."""
    pace: dict[str, object] = {"speed": setup.speed, "repeat": setup.repeat}
    for name, rate in GENERATED.items():
        yield Traffic(name, {**pace, "trace": name, "rate": rate})
    for name, file in REAL.items():
        if (folder / file).exists():
            whole = {**pace, "trace": folder / file}
            yield Traffic(name, whole)
            if setup.judged:
                yield Traffic(f"{name}, 2nd half", {**whole, **_second_half(setup)}, judged=True)


def _second_half(setup: Setup) -> Options:
    """Judged after the service has seen the first half, or that many seconds of the second repeated."""
    if setup.repeat == 1:
        return {"warm-up": HALF / setup.speed}
    return {"from": HALF, "warm-up": SETTLED}


def missing(folder: Path) -> list[Path]:
    """Files of arrivals that are not there."""
    return [folder / file for file in REAL.values() if not (folder / file).exists()]
