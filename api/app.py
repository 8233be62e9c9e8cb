"""The HTTP face of a replica."""

from fastapi import FastAPI

from api import errors
from api.access.guard import guard
from api.body import Json
from api.bulk.either import EitherDesk
from api.bulk.wiring import bulk_desk
from api.described import DescribedApp
from api.direct import Shortcut
from api.documents import failures
from api.edge.headers import SecurityHeaders
from api.hooks.described import described
from api.hooks.wiring import admission
from api.idempotency.keyed import Keyed
from api.jobs.desk import JobDesk
from api.jobs.events import Events
from api.jobs.intake import Intake
from api.open_app import OpenApp
from api.operate.rebinding import Here
from api.poems.bundled import Bundled
from api.poems.poet import Poet
from api.poems.shelf import Shelf
from api.replica import Replica
from api.routes import (
    bulk,
    classify,
    features,
    health,
    jobs,
    late_features,
    models,
    pages,
    sessions,
    v2,
)
from api.routes import operate as operating
from api.sessions.desk import Desk as Signing
from api.sessions.signed_in import SignedIn
from api.spans import telemetry
from api.uploads import SHARE, Uploads
from api.v2.inference import AT_ONCE, Inference
from api.vocabulary import Vocabulary
from api.watch import Watch

ABOUT = """What is in this picture? A URL or a picture goes in, labels come out.

Every error reads `{"error": {"code", "message", "job"}}`. Codes never change their meaning; `job`
is the id to find the request by in the logs and records; after a 504 `timed_out` or a 503 `shutting_down`,
`GET /jobs/{id}` has its answer as soon as there is one. Whoever does not want to wait asks for a job:
`Prefer: respond-async` on a request, or `POST /jobs`."""


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
        telemetry=telemetry(replica.settings),
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
    vocabulary = Vocabulary(replica.models, replica.store)
    desk = _desk(replica, uploads, vocabulary)
    serving = classify.Classify(replica.access, replica.asking, keyed, vocabulary, desk)
    operate = replica.operating
    app.add_middleware(Shortcut, ways=serving.ways())
    app.add_middleware(
        SignedIn, sessions=operate.sessions, guesses=replica.access, proxies=settings.proxies
    )
    app.add_middleware(Watch, metrics=replica.metrics)
    app.add_middleware(SecurityHeaders)
    app.include_router(classify.router(serving, needing))
    reading = features.Reading(replica.access, replica.submitter, keyed, replica.store)
    app.include_router(features.router(reading, needing))
    app.include_router(late_features.router(replica.jobs.lookup, replica.store, needing))
    many = bulk_desk(replica, vocabulary)
    app.include_router(jobs.router(EitherDesk(desk, many, uploads), needing))
    app.include_router(bulk.router(many, needing))
    app.include_router(models.router(replica.models, needing))
    inference = Inference(
        replica.access,
        replica.asking,
        replica.submitter,
        Uploads(replica.store, settings.max_bytes, AT_ONCE, share=share),
        vocabulary,
        settings.max_bytes,
    )
    app.include_router(v2.router(replica, inference, needing))
    app.include_router(health.router(replica, needing))
    signing = Signing(settings, replica.access, operate.sessions, operating.WEB / "sign-in.html")
    app.include_router(sessions.router(signing))
    app.include_router(operating.router(operate.desk, replica.access, Here(settings)))
    app.webhooks.include_router(described())
    bundled = Bundled(replica.models, replica.store)
    app.include_router(pages.router(Poet(Shelf(replica.store)), bundled))
    return app


def _desk(replica: Replica, uploads: Uploads, vocabulary: Vocabulary) -> JobDesk:
    parts = replica.jobs
    intake = Intake(
        replica.submitter, uploads, replica.claims, parts.jobs, parts.sender, parts.outlook
    )
    return JobDesk(
        intake,
        parts.jobs,
        parts.lookup,
        parts.teller,
        Events(parts.following, parts.teller, replica.operating.lasting),
        uploads,
        vocabulary,
        admission(replica.settings, replica.store),
        replica.pending,
        replica.settings.wait,
    )
