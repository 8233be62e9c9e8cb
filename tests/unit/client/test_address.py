"""Which service is asked, and with which key."""

import re

import httpx
import pytest

from classifycloud.client import Client
from classifycloud.client.address import LOCAL, checked, is_loopback


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8:8000", True),
        ("[::1]", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_this_machine_is_told_from_others(host: str, here: bool) -> None:
    assert is_loopback(f"http://{host}") is here


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://h", "http://", "http://h:abc"])
def test_what_is_no_address_is_named_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match=re.escape(LOCAL)):
        checked(url)


def test_address_and_key_are_given_or_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str | None]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append((str(request.url), request.headers.get("x-api-key")))
        return httpx.Response(200, json={"models": []})

    def ask(*given: str) -> None:
        with Client(*given, transport=httpx.MockTransport(handle)) as client:
            assert client.models() == []

    ask()
    monkeypatch.setenv("CLASSIFYCLOUD_URL", "https://ours.example/below/")
    monkeypatch.setenv("CLASSIFYCLOUD_KEY", "ours")
    ask()
    ask("http://other.example", "theirs")
    assert asked == [
        ("http://127.0.0.1:8000/models", None),
        ("https://ours.example/below/models", "ours"),
        ("http://other.example/models", "theirs"),
    ]
