"""The one page there is: the description of this interface, to read and to try. All of it comes from here."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

WEB = Path(__file__).resolve().parents[1] / "web"
# Files for the browser, by name: nothing of a request's path ever becomes a path on disk.
ASSETS = {
    "docs.js": ("docs.js", "text/javascript"),
    "swagger-ui-bundle.js": ("swagger/swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": ("swagger/swagger-ui.css", "text/css"),
}
# Swagger UI draws its icons from data: URLs. No inline script, no eval, no other host.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
REVALIDATED = "no-cache"


def router() -> APIRouter:
    """`/docs` and its parts."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def docs() -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": REVALIDATED}
        return FileResponse(WEB / "docs.html", media_type="text/html", headers=headers)

    for name, (path, kind) in ASSETS.items():
        routes.add_api_route(f"/docs/{name}", _serving(WEB / path, kind), name=name)
    return routes


def _serving(path: Path, kind: str) -> Callable[[], Awaitable[Response]]:
    async def asset() -> Response:
        return FileResponse(path, media_type=kind, headers={"Cache-Control": REVALIDATED})

    return asset
