"""What people look at: the public page, and the description of this interface. All of it comes from here."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.assets import REVALIDATED, Assets
from api.body import Json
from api.poems.bundled import Bundled
from api.poems.poet import Poet

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
# A visitor's own picture is a blob: of his browser. Text never becomes markup, not even by mistake.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
INDEX = {"service": "ClassifyCloud", "classify": "/classify?url=", "docs": "/docs"}
Word = Annotated[str, Query(max_length=200)]


def router(poet: Poet, bundled: Bundled) -> APIRouter:
    """`/`, `/docs` and their parts."""
    routes = APIRouter(include_in_schema=False)
    _public(routes, Assets(WEB / "page"), poet, bundled)

    @routes.get("/docs")
    async def docs() -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": REVALIDATED}
        return FileResponse(WEB / "docs.html", media_type="text/html", headers=headers)

    for name, (path, kind) in ASSETS.items():
        routes.add_api_route(f"/docs/{name}", _serving(WEB / path, kind), name=name)
    return routes


def _public(routes: APIRouter, page: Assets, poet: Poet, bundled: Bundled) -> None:
    @routes.get("/")
    async def index(request: Request) -> Response:
        found = page.find("index.html")
        # Programs that ask are told where things are.
        if found is None or "text/html" not in request.headers.get("accept", ""):
            return Json(INDEX, headers={"Vary": "Accept"})
        about = {"Content_Security_Policy": PAGE_POLICY, "Vary": "Accept, Accept-Encoding"}
        return found.response(request, **about)

    @routes.get("/page/verse")
    async def verse(
        label: Word, class_id: Word = "", model: Word = "", version: Word = ""
    ) -> Response:
        kind = await bundled.kind(class_id, model, version)
        said = await poet.verse(label, class_id, kind)
        return Json({"about": said.about, "lines": said.lines})

    @routes.get("/page/{name}")
    async def part(request: Request, name: str) -> Response:
        if (found := page.find(name)) is None:
            raise HTTPException(404)
        return found.response(request)


def _serving(path: Path, kind: str) -> Callable[[], Awaitable[Response]]:
    async def asset() -> Response:
        return FileResponse(path, media_type=kind, headers={"Cache-Control": REVALIDATED})

    return asset
