"""What every test may ask for, and what none leaves to the next."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    """A shell makes its background jobs, a test run among them, deaf to Ctrl-C, and all that they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """Variables that a command sets in this process would reach all that later tests start."""
    kept = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Real pictures beside the checkout; they are no part of it."""
    folder = ROOT.parent / "shared"
    if not (folder / "photos").is_dir():
        pytest.skip("needs the photos and Tiny ImageNet in ../shared, which are not here")
    return folder
