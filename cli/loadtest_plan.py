"""What a load test is asked to do, from its options; wrong ones end the command with status 2."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.exits import failed, misused

if TYPE_CHECKING:
    from bench.loadtest.arrivals import Phase
    from bench.loadtest.run import Sending

SECONDS = 60.0
MANY = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """`total` is how many requests there will be, None where chance decides; `is_burst`: not by due times."""

    sending: "Sending"
    total: int | None
    is_burst: bool
    said: str


def planned(options: dict[str, Any]) -> Plan:
    """The plan of the options, by their names."""
    from bench.loadtest.written import Unreadable

    given = {name for name, value in options.items() if value not in (None, False)}
    _consistent(given)
    try:
        if given & {"rate", "steps"}:
            return _by_phases(options)
        if "trace" in given:
            return _by_trace(options)
    except Unreadable as error:
        misused(str(error))
    except ValueError as error:
        misused(f"--spike: {error}")
    return _burst(options)


def _consistent(given: set[str]) -> None:
    kinds = sorted(given & {"rate", "steps", "trace"})
    if len(kinds) > 1:
        misused(f"--{' and --'.join(kinds)} exclude each other")
    if kinds and (burst := given & {"requests", "concurrency"}):
        misused(
            f"--{min(burst)} is for a burst; with --{kinds[0]} requests go out at their due times"
        )
    needs = {"seconds": {"rate"}, "spike": {"rate"}, "speed": {"trace"}, "limit": {"trace"}}
    for name, needed in (needs | {"poisson": {"rate", "steps"}}).items():
        if name in given and not given & needed:
            misused(f"--{name} needs --{' or --'.join(sorted(needed))}")


def _by_phases(options: dict[str, Any]) -> Plan:
    from bench.loadtest import arrivals, written
    from bench.loadtest.run import OnTime

    if options["steps"]:
        phases = written.phases(options["steps"])
    else:
        base = arrivals.Phase(options["rate"], options["seconds"] or SECONDS)
        spike = options["spike"]
        phases = arrivals.spiked(base, written.phase(spike)) if spike else [base]
    said = ", then ".join(f"{each.rate:g} a second for {each.seconds:g} s" for each in phases)
    if options["poisson"]:
        due = arrivals.by_chance(phases, seed=0)
        return Plan(OnTime(due), None, False, f"{said}, at random (Poisson)")
    return Plan(OnTime(arrivals.even(phases)), _some(phases), False, said)


def _some(phases: "list[Phase]") -> int:
    from bench.loadtest import arrivals

    total = arrivals.count(phases)
    if total == 0:
        misused("That is no request at all: raise the rate or the seconds")
    return total


def _by_trace(options: dict[str, Any]) -> Plan:
    from bench.loadtest import arrivals, written
    from bench.loadtest.run import OnTime

    speed = options["speed"] or 1.0
    due = arrivals.replayed(written.trace(options["trace"]), speed, options["limit"])
    said = f"{len(due)} arrivals of {options['trace'].name}, {speed:g} times as fast, in {due[-1]:.1f} s"
    return Plan(OnTime(due), len(due), False, said)


def _burst(options: dict[str, Any]) -> Plan:
    from bench.loadtest.run import Burst

    burst = Burst(options["requests"] or MANY, options["concurrency"] or MANY)
    said = f"{burst.count} requests, {burst.at_once} at once"
    return Plan(burst, burst.count, True, said)


@contextmanager
def pictures(
    photos: Path | None, urls: Path | None, photo_port: int
) -> "Iterator[Callable[[int], str]]":
    """Gives the URL with a number while the block runs; serves own pictures meanwhile."""
    import secrets

    from bench.loadtest import targets
    from bench.loadtest.host import hosted

    if urls is not None:
        if photos is not None:
            misused("--photos and --urls exclude each other")
        yield targets.given(_addresses(urls))
        return
    paths = _files(photos)
    with ExitStack() as stack:
        try:
            address = stack.enter_context(hosted(paths, photo_port))
        except OSError as error:
            failed(f"Port {photo_port} cannot be served from: {error.strerror}. Use --photo-port.")
        yield targets.own(f"http://{address}", [path.name for path in paths], secrets.token_hex(3))


def _addresses(path: Path) -> list[str]:
    from bench.loadtest import written

    try:
        return written.urls(path)
    except written.Unreadable as error:
        misused(f"--urls: {error}")


def _files(folder: Path | None) -> Sequence[Path]:
    from local.samples import FOLDER
    from local.samples.server import NoPhotos, photos_in

    try:
        return photos_in(folder or FOLDER)
    except NoPhotos as error:
        misused(f"--photos: {error}")
