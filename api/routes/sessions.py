"""`/session` and `/sign-in`: browsers that show a key once. Only pages of ours ask."""

from fastapi import APIRouter

from api.sessions.desk import Desk


def router(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/session", desk.told, methods=["GET"])
    routes.add_api_route("/session", desk.begin, methods=["POST"])
    routes.add_api_route("/session/end", desk.end, methods=["POST"])
    routes.add_api_route("/sign-in", desk.form, methods=["GET"])
    return routes
