"""The HTTP face of a replica."""

from fastapi import FastAPI

from api import errors
from api.access.guard import guard
from api.body import Json
from api.described import DescribedApp
from api.direct import Shortcut
from api.documents import failures
from api.edge.headers import SecurityHeaders
from api.idempotency.keyed import Keyed
from api.lookup import Lookup
from api.open_app import OpenApp
from api.replica import Replica
from api.routes import classify, features, health, jobs, late_features, models, pages
from api.uploads import SHARE, Uploads
from api.watch import Watch

ABOUT = """What is in this picture? A URL or a picture goes in, labels come out.

Every error reads `{"error": {"code", "message", "job"}}`. Codes never change their meaning; `job`
is the id to find the request by in the logs and records; after a 504 `timed_out` or a 503 `shutting_down`,
`GET /jobs/{uuid}` has its answer as soon as there is one."""


def create_app(replica: Replica) -> FastAPI:
    """The app around a replica; starting and stopping the replica is the caller's."""
    kind = OpenApp if replica.settings.access == "public" else DescribedApp
    app = kind(
        title="ClassifyCloud",
        description=ABOUT,
        version="1",
        docs_url=None,
        redoc_url=None,
        # A redirect would lead to whatever host the request names.
        redirect_slashes=False,
        # We count by ourselves; looking for whoever else might want to costs a tenth of a refusal.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        responses=failures(),
        default_response_class=Json,
    )
    errors.install(app)
    settings = replica.settings
    # Whoever sets no limit for one client means its pictures too.
    share = 1.0 if settings.client_jobs == 0 else SHARE
    uploads = Uploads(replica.store, settings.max_bytes, share=share)
    needing = guard(replica.access)
    keyed = Keyed(replica.submitter, uploads, replica.idempotency)
    serving = classify.Classify(replica.access, replica.asking, replica.submitter, uploads, keyed)
    app.add_middleware(Shortcut, ways=serving.ways())
    app.add_middleware(Watch, metrics=replica.metrics)
    app.add_middleware(SecurityHeaders)
    app.include_router(classify.router(serving, needing))
    reading = features.Reading(replica.access, replica.submitter, uploads, keyed, replica.store)
    app.include_router(features.router(reading, needing))
    lookup = Lookup(replica.store)
    app.include_router(late_features.router(lookup, replica.store, needing))
    app.include_router(jobs.router(lookup, needing))
    app.include_router(models.router(replica.models, needing))
    app.include_router(health.router(replica, needing))
    app.include_router(pages.router())
    return app
