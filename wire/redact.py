"""What no log line may hold: query strings, which carry signatures; user names and passwords; API keys.

Whoever logs leaves them out. This is the net below: a text of somebody else's, an exception's for one, may
have a URL in it.
"""

import re

LEFT_OUT = "…"
# Nothing here is tried anew from within what was matched: a text of n characters, a stranger's path for one,
# costs n steps. A run that cannot give back (`*+`) is how a pattern says so.
_WORD = re.compile(r"[^\s\"'<>]++")
_MARK = re.compile(r"\?|#|%3[Ff]|%23")
_VALUE = re.compile(r"=|%3[Dd]")
# A quote is part of a name where JSON escapes it, and where what follows it does not say that it ends a text.
_AUTHORITY = re.compile(r"(//|%2[Ff]%2[Ff])((?:\\[\\\"']|[^\s/@\"'?#]|[\"'](?![\s,:}\]]))++)(@?)")
_AT = "%40"
_KEY = re.compile(r"(ccloud_[\w-]{4})[\w-]{8,}")


def redacted(text: str) -> str:
    """The text without them."""
    text = _WORD.sub(_without_query, text)
    text = _AUTHORITY.sub(_without_user, text)
    return _KEY.sub(rf"\1{LEFT_OUT}", text)


def shortened(text: str, most: int) -> str:
    """The text without them, and at most so many characters of it.

    In this order: what is left of a secret that was cut would not be known for one any more.
    """
    return redacted(text)[:most]


def _without_query(word: re.Match[str]) -> str:
    """From the first `?name=value` or `#name=value` on, also of a URL that is a parameter of another one."""
    whole = word[0]
    mark = _MARK.search(whole)
    if mark is None or _VALUE.search(whole, mark.end()) is None:
        return whole
    return whole[: mark.end()] + LEFT_OUT


def _without_user(authority: re.Match[str]) -> str:
    slashes, run, at = authority.groups()
    if at:
        return f"{slashes}{LEFT_OUT}{at}"
    user, _encoded_at, host = run.rpartition(_AT)
    return f"{slashes}{LEFT_OUT}{_AT}{host}" if user else authority[0]
