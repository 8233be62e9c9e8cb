"""What a load balancer, a supervisor and Prometheus ask."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from api import errors
from api.access.guard import REFUSALS, Guard
from api.body import Json
from api.documents import failures
from api.replica import Replica


def router(replica: Replica, guard: Guard) -> APIRouter:
    """`/healthz`, `/readyz` and `/metrics`."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process lives."""
        return {"status": "alive"}

    @routes.get(
        "/readyz",
        response_model=dict[str, str],
        responses=failures("queue_unavailable", "shutting_down"),
    )
    async def ready(request: Request) -> Response:
        """Traffic may come here: the queues are open and reachable, and no shutdown is under way."""
        fault = replica.fault()
        # Not raised: probes ask often, and a refusal raised is a refusal logged.
        return errors.response(request, fault) if fault else Json({"status": "ready"})

    @routes.get(
        "/metrics",
        response_class=Response,
        dependencies=[guard("operate")],
        responses=failures(*REFUSALS),
    )
    async def metrics() -> Response:
        """Counters and gauges in Prometheus' text format."""
        return Response(replica.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes
