"""What tests of the operator's page, its bench and its screenshots do alike."""

from collections.abc import Callable
from typing import Any

from tests.service import Service


def signed_in(visit: Callable[..., Any], running: Service, key: str, **about: Any) -> Any:
    """The page, open and live, as whoever holds the key sees it."""
    page = visit(f"{running.url}/operate", **about)
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("status").filter(has_text="Live").wait_for()
    return page
