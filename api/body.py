"""JSON as it is answered: with a line end, so that a terminal's prompt does not stick to it."""

from typing import Any

from starlette.responses import JSONResponse, Response


class JsonText(Response):
    """A JSON text that is there already, with a line end."""

    media_type = "application/json"

    def render(self, content: bytes) -> bytes:
        return content + b"\n"


class Json(JSONResponse):
    """A JSON body that ends its line."""

    def render(self, content: Any) -> bytes:
        return super().render(content) + b"\n"
