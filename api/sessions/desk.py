"""Signing in and out: a form exchanges a key for a cookie."""

from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.access.guard import Access
from api.body import Json
from api.sessions import cookie
from api.sessions.kept import LASTS, Session, Sessions
from api.sessions.signed_in import HELD, SESSION
from wire import keys, log
from wire.errors import BodyTooLarge, Forbidden, Unauthorized
from wire.keyring import SCOPES
from wire.settings import ApiSettings

LARGEST = 4096  # bytes of a form with a key in it
HOUR = 3600
# Where one goes from here: to pages of ours, and nowhere else.
PAGES = ("/", "/operate")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FOREIGN = "This form was not sent by a page of this service, or its page is too old: load it again."
WRONG = "No key reads like that, or it does not open anything any more."
_log = log.get(__name__)


class Desk:
    """Serves `/session` and `/sign-in`.

    Args:
        page: the form, with places for its token, for where one goes from there and for what went wrong.
    """

    def __init__(
        self, settings: ApiSettings, access: Access, sessions: Sessions, page: Path
    ) -> None:
        self._settings = settings
        self._proxies = settings.proxies
        self._access = access
        self._sessions = sessions
        self._page = page.read_text(encoding="utf-8")

    async def told(self, request: Request) -> Response:
        """`GET /session`: who one is here, what one may, and the token for what changes something."""
        session = self._session(request)
        caller = self._access.client(session)
        public = self._settings.access == "public"
        scopes = SCOPES if public else () if caller is None else caller.scopes
        quota = self._settings.visitors
        held = _held(request) or cookie.visit()
        response = Json(
            {
                "access": self._settings.access,
                "client": None if caller is None else caller.name,
                "scopes": sorted(scopes),
                "expires": None if caller is None or session is None else session.ends,
                "csrf": cookie.token(held),
                "visitors": {"requests": quota, "seconds": HOUR} if quota and not public else None,
            }
        )
        self._visited(request, response, held)
        return response

    async def form(self, request: Request) -> Response:
        """`GET /sign-in`."""
        return self._shown(request, _next(request.query_params.get("next")))

    async def begin(self, request: Request) -> Response:
        """`POST /session`: the form."""
        fields = await _fields(request)
        onward = _next(fields.get("next"))
        if not cookie.genuine(request, _held(request), (fields.get(cookie.FIELD),)):
            return self._shown(request, onward, FOREIGN, 403)
        try:
            key = fields.get("key", "").strip()
            caller = self._access.sign_in(request, key)
        except Unauthorized:
            return self._shown(request, onward, WRONG, 401)
        secret, session = await self._sessions.begin(caller.name, keys.hashed(key))
        _log.info("signed in", client=caller.name)
        response = RedirectResponse(onward, 303)
        cookie.put(response, request, self._proxies, secret, session.ends - session.begun)
        return response

    async def end(self, request: Request) -> Response:
        """`POST /session/end`: by a page of ours, with its token."""
        held = _held(request)
        if not cookie.genuine(request, held, (request.headers.get(cookie.HEADER),)):
            raise Forbidden(FOREIGN)
        # A stranger's made-up secret has a token, too; only what is a session is worth a call to the store.
        if held is not None and self._session(request) is not None:
            await self._sessions.end(held)
        response = Response(status_code=204)
        cookie.put(response, request, self._proxies, "", 0)
        return response

    def _session(self, request: Request) -> Session | None:
        found: Session | None = request.scope.get("state", {}).get(SESSION)
        return found

    def _shown(self, request: Request, onward: str, fault: str = "", status: int = 200) -> Response:
        held = _held(request) or cookie.visit()
        said = {
            "csrf": cookie.token(held),
            "next": onward,
            "fault": fault,
            "hours": f"{LASTS / HOUR:g}",
        }
        text = self._page
        for name, value in said.items():
            text = text.replace(f"{{{{{name}}}}}", escape(value))
        response = Response(
            text, status, {"Content-Security-Policy": POLICY}, media_type="text/html"
        )
        self._visited(request, response, held)
        return response

    def _visited(self, request: Request, response: Response, held: str) -> None:
        if held != _held(request):
            cookie.put(response, request, self._proxies, held, None)


def _held(request: Request) -> str | None:
    found: str | None = request.scope.get("state", {}).get(HELD)
    return found or None


def _next(wanted: str | None) -> str:
    return wanted if wanted in PAGES else PAGES[0]


async def _fields(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise BodyTooLarge
    found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=8)
    return {name: values[0] for name, values in found.items()}
