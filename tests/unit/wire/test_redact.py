"""What is left out of log lines, and what is not."""

import json
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import log
from wire.redact import redacted, shortened

KEY = "ccloud_OcJhZpPQO2xvwrA3GcN8mpMUJYajlwGxLJZh4iil0c48VNflA"
SIGNED = "https://bucket.s3.amazonaws.com/cat.jpg?X-Amz-Signature=SECRET&X-Amz-Expires=60"


@pytest.mark.parametrize(
    "text",
    [
        SIGNED,
        f"cannot fetch '{SIGNED}': refused",
        f'{{"url": "{SIGNED}", "job": "1"}}',
        "/classify?url=https%3A%2F%2Fhost%2Fcat.jpg%3Fsig%3DSECRET",
        "url=https%3A%2F%2Fhost%2Fcat.jpg%3Fsig%3DSECRET HTTP/1.1",
        "https://host/#access_token=SECRET",
        "https://user:SECRET@host/cat.jpg",
        "https://SECRET@host/cat.jpg",
        "https%3A%2F%2Fuser%3ASECRET%40host%2Fcat.jpg",
        "//user:SECRET@host/cat.jpg",
        "//user:a%2FSECRET@host/cat.jpg",
        'https://us"er:SECRET@host/cat.jpg',
        json.dumps({"url": 'https://user":SECRET@host/cat.jpg'}),
        "https://us'er:SEC\"SECRET@host/cat.jpg",
        "//user:a%40SECRET@host/cat.jpg",
        "%2F%2Fus%20er%3ASECRET%40host",
        "//a//b?c#d%3Fe//user:SECRET@host",
    ],
)
def test_secrets_go(text):
    assert "SECRET" not in redacted(text)


def test_keys_are_cut_to_what_tells_them_apart():
    assert redacted(f"key {KEY} refused") == "key ccloud_OcJh… refused"


@pytest.mark.parametrize(
    "text",
    [
        "https://host/cat.jpg",
        "ready? yes, in 3 s",
        "issue #12 of 3",
        '{"address": "http://127.0.0.1:8000", "attempt": 1}',
        "user@example.com said so",
        '{"url":"https://host","to":"user@example.com"}',
        "{'https://host':'user@example.com'}",
        json.dumps(["https://host\\", "user@example.com"]),
        "see 'https://host' or user@example.com",
        "a=1 b=2",
        "//%40 //@ ?? ## %3F//host:80/",
    ],
)
def test_the_rest_stays(text):
    assert redacted(text) == text


@given(st.text(), st.text(alphabet=st.characters(min_codepoint=48, max_codepoint=122), min_size=8))
def test_nothing_that_follows_a_question_mark_and_an_equals_sign_stays(before, secret):
    secret = "".join(char for char in secret if char.isalnum()) + "SECRET"
    assert "SECRET" not in redacted(f"{before} https://host/p?a=b&c={secret}")


@pytest.mark.parametrize("secret", [SIGNED, f"/a{KEY}", "//user:" + "SECRET" * 9 + "@host/"])
def test_no_part_of_a_secret_stays_where_its_text_is_cut(secret):
    secrets = ("SECRET", KEY[11:], KEY[11:19])
    for most in range(len(secret)):
        short = shortened(secret, most)
        assert len(short) <= most
        assert not any(part in short for part in (*secrets, "SEC", KEY[11:15]))


def cost(text: str) -> float:
    """Seconds of this thread's CPU, the least of some tries: what the machine does beside is not in it."""
    took = []
    for _ in range(7):
        began = time.thread_time()
        redacted(text)
        took.append(time.thread_time() - began)
    return min(took)


@pytest.mark.parametrize(
    "part",
    [
        "?",
        "#",
        "\\",
        '\\"',
        '"a',
        "%3F",
        "%23",
        "//",
        "//:",
        "//a:",
        "//a@",
        "%2F%2F",
        "%2F%2Fa%3A",
        "//a%40",
        ":",
    ]
    + ["%3A", "%40", "@", "=", "%3D", "?=", "?a ", "ccloud_", "ccloud_-", "%", "/", '"', "…"],
)
@pytest.mark.parametrize("start", ["", "//", "?", "//a:"])
def test_a_text_costs_by_its_length_and_no_more(start, part):
    """Eight times the text costs eight times as much; were it by the square, 64 times."""
    short, long = (start + part * (size // len(part)) for size in (4_000, 32_000))
    assert cost(long) < 24 * cost(short)


def test_every_line_goes_through_it(capsys):
    """Fields, messages of other libraries, and the texts of exceptions."""
    before, handlers = logging.getLogger().level, logging.getLogger().handlers
    try:
        log.configure("test")
        log.get("here").info("asked", url=SIGNED)
        logging.getLogger("library").warning("bad request: %s", SIGNED)
        try:
            raise ValueError(SIGNED)
        except ValueError:
            log.get("here").exception("broke")
    finally:
        logging.getLogger().handlers = handlers
        logging.getLogger().setLevel(before)
    written = capsys.readouterr().err
    assert "SECRET" not in written
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines][0::2] == ["asked", "broke"]
    assert "Traceback" in lines[2]["exception"]
