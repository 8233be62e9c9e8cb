"""Which pages an engine gives back: those of files that its own networks mapped, and no others."""

import mmap
import resource
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from classifier.engines.mapped import Mapped

SIZE = 8 * 2**20

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/smaps").exists(), reason="needs what Linux tells of mappings"
)


@contextmanager
def reading(path: Path) -> Iterator[mmap.mmap]:
    """A file of random-looking pages, mapped and read."""
    path.write_bytes(bytes(range(256)) * (SIZE // 256))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert mapped[:] == path.read_bytes()
        yield mapped


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Not a single file more can be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            Path("/proc/self/maps").read_bytes()
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def resident(path: Path) -> int:
    """Bytes of this file that are in this process."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    return 1024 * sum(
        int(lines[at + 4].split()[1])
        for at, line in enumerate(lines)
        if line.endswith(str(path)) and lines[at + 4].startswith("Rss:")
    )


def test_what_was_mapped_while_compiling_is_given_back_and_reads_the_same(tmp_path: Path) -> None:
    ours, cache = tmp_path / "model", tmp_path / "cache"
    ours.mkdir()
    cache.mkdir()
    mapped = Mapped((ours, cache))
    with ExitStack() as stack:
        before = stack.enter_context(reading(cache / "before.blob"))
        with mapped.gathering():
            weights = stack.enter_context(reading(ours / "weights"))
            stack.enter_context(reading(tmp_path / "elsewhere"))
        another = stack.enter_context(reading(cache / "another.blob"))
        assert resident(ours / "weights") == SIZE
        assert mapped.let_go() == SIZE
        assert resident(ours / "weights") == 0
        for path in (cache / "before.blob", cache / "another.blob", tmp_path / "elsewhere"):
            assert resident(path) == SIZE
        assert weights[:] == before[:] == another[:]
    assert mapped.let_go() == 0  # it is no more


def test_it_is_done_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("classifier.engines.mapped.time.monotonic", lambda: now)
    mapped = Mapped((tmp_path,))
    with ExitStack() as stack:
        with mapped.gathering():
            weights = stack.enter_context(reading(tmp_path / "weights"))
        mapped.rest()
        assert resident(tmp_path / "weights") == SIZE
        now = 111.0
        mapped.rest()
        assert resident(tmp_path / "weights") == 0
        assert len(weights[:]) == SIZE
        mapped.rest()
        assert resident(tmp_path / "weights") == SIZE


def test_where_mappings_cannot_be_read_nothing_is_let_go_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped = Mapped((tmp_path,))
    with reading(tmp_path / "before"), no_descriptors():
        gathering = mapped.gathering()
        gathering.__enter__()
    with reading(tmp_path / "before"):
        gathering.__exit__(None, None, None)
        assert mapped.let_go() == 0  # whose it is nobody knows
        with mapped.gathering(), ExitStack() as stack:
            stack.enter_context(reading(tmp_path / "weights"))
            kept = stack.pop_all()
        with kept:
            with no_descriptors():
                monkeypatch.setattr("classifier.engines.mapped.EVERY", 0.0)
                mapped._due = 0.0
                mapped.rest()
            assert resident(tmp_path / "weights") == SIZE
            assert mapped.let_go() == SIZE


def test_two_never_gather_at_once(tmp_path: Path) -> None:
    one, other = Mapped((tmp_path,)), Mapped((tmp_path,))
    entered = threading.Event()

    def enter() -> None:
        with other.gathering():
            entered.set()

    with one.gathering():
        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.2)
    thread.join()
    assert entered.is_set()
