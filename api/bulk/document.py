"""JSON that a client sent, into objects: not before it is known how many they will be at most.

Eight megabytes of `{},{},…` would become two hundred, and hold every other thread up while they do.
"""

import json
import re
from typing import Any

from api.bulk.kept import MOST
from wire.errors import InvalidParameter

MARKS = 32 * MOST  # a row has seven at most, and others where it says what nobody reads
TOO_MANY = f"The body has too many values for {MOST} rows, the most of a bulk job; send several."
# Whatever makes an object takes one of these. A text is one match, whatever is in it and also where its end
# is missing: nothing is looked at twice.
_MARK = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{,]', re.DOTALL)


def parsed(body: bytes, refusal: str) -> Any:
    """A JSON document.

    Raises:
        InvalidParameter: it is none, with this refusal, or has too many values.
    """
    try:
        # As json does by itself.
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        _bound(text)
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidParameter(refusal) from error


def _bound(text: str) -> None:
    for count, _ in enumerate(_MARK.finditer(text)):
        if count == MARKS:
            raise InvalidParameter(TOO_MANY)
