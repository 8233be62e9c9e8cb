"""JSON as it is answered: with a line end, so that a terminal's prompt does not stick to it."""

from typing import Any

from starlette.responses import JSONResponse


class Json(JSONResponse):
    """A JSON body that ends its line."""

    def render(self, content: Any) -> bytes:
        return super().render(content) + b"\n"
