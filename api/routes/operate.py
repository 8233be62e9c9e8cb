"""`/operate`: the operator's page and what only that page asks."""

from pathlib import Path

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.access.guard import Access
from api.assets import Assets
from api.operate.desk import OperateDesk
from api.operate.rebinding import Here
from api.sessions import cookie
from wire.errors import Forbidden, Unauthorized

PATH = "/operate"
FOREIGN = "Only the operator's own page asks for this."
SIGN_IN = f"/sign-in?next={PATH}"
WEB = Path(__file__).resolve().parents[1] / "web" / "operate"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


def router(desk: OperateDesk, access: Access, here: Here) -> APIRouter:
    """The page, its parts, its stream and what it changes."""
    routes = APIRouter(include_in_schema=False)
    _page(routes, Assets(WEB), access, here)

    async def admitted(request: Request) -> None:
        here.check(request)
        _ours(request)
        request.state.caller = access.admit(request, "operate")

    asked = APIRouter(prefix=PATH, dependencies=[Depends(admitted)])
    asked.add_api_route("/events", desk.events, methods=["GET"])
    asked.add_api_route("/limits", desk.change, methods=["POST"])
    asked.add_api_route("/dead-letters", desk.letters, methods=["GET"])
    asked.add_api_route("/dead-letters/redrive", desk.redrive, methods=["POST"])
    asked.add_api_route("/dead-letters/remove", desk.remove, methods=["POST"])
    routes.include_router(asked)
    return routes


def _ours(request: Request) -> None:
    """Raises Forbidden where another site's page asks: a look at dead letters hides them from others."""
    if request.headers.get("sec-fetch-site", cookie.SAME[0]) not in cookie.SAME:
        raise Forbidden(FOREIGN)


def _page(routes: APIRouter, files: Assets, access: Access, here: Here) -> None:
    @routes.get(PATH)
    async def page(request: Request) -> Response:
        here.check(request)
        try:
            access.admit(request, "operate")
        except (Unauthorized, Forbidden):
            # Whoever lacks the scope may have another key.
            return RedirectResponse(SIGN_IN, 303)
        return _file(request, files, "operate.html", Content_Security_Policy=POLICY)

    @routes.get(PATH + "/page/{name}")
    async def part(request: Request, name: str) -> Response:
        return _file(request, files, name)


def _file(request: Request, files: Assets, name: str, **headers: str) -> Response:
    found = files.find(name)
    if found is None:
        raise HTTPException(404)
    return found.response(request, **headers)
