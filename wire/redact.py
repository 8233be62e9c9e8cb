"""What no log line may hold: query strings, which carry signatures; user names and passwords; API keys.

Whoever logs leaves them out. This is the net below: a text of somebody else's, an exception's for one, may
have a URL in it.
"""

import re

LEFT_OUT = "…"
_END = r"[^\s\"'<>]*"
# `?name=value` or `#name=value`, also where the URL is itself a parameter of another one.
_QUERY = re.compile(rf"(\?|#|%3[Ff]|%23){_END}?(?:=|%3[Dd]){_END}")
_USER = re.compile(r"(//|%2[Ff]%2[Ff])[^\s/@\"'?#%]+(?:(?::|%3[Aa])[^\s/@\"'?#]*)?(@|%40)")
_KEY = re.compile(r"(ccloud_[\w-]{4})[\w-]{8,}")


def redacted(text: str) -> str:
    """The text without them."""
    text = _QUERY.sub(rf"\1{LEFT_OUT}", text)
    text = _USER.sub(rf"\1{LEFT_OUT}\2", text)
    return _KEY.sub(rf"\1{LEFT_OUT}", text)
