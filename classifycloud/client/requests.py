"""Every question that the service answers, as a call. Pure: what is sent, and how the reply is read."""

from urllib.parse import quote

from classifycloud.client import reading
from classifycloud.client.activations import Features
from classifycloud.client.answers import Classification, Job, Model
from classifycloud.client.calls import Call
from classifycloud.client.pictures import Source
from classifycloud.client.reading import read_as
from classifycloud.client.wishes import LayerWishes, Wishes, headers, parameters

BYTES = {"Content-Type": "application/octet-stream"}


def classify(picture: Source, wishes: Wishes) -> Call[Classification]:
    """`/classify`."""
    return Call(
        "GET" if picture.url is not None else "POST",
        "/classify",
        reading.classification,
        params=parameters(wishes, url=picture.url),
        headers=headers(wishes) | ({} if picture.url is not None else BYTES),
        content=picture.content,
        late=Job.classification,
    )


def features(picture: Source, layer: str, wishes: LayerWishes) -> Call[Features]:
    """`/features`."""
    npy: LayerWishes = {"form": "npy", **wishes}
    form = npy["form"]
    return Call(
        "GET" if picture.url is not None else "POST",
        "/features",
        reading.features,
        params=parameters(npy, url=picture.url, layer=layer),
        headers=headers(wishes) | ({} if picture.url is not None else BYTES),
        content=picture.content,
        late=lambda job: late_features(job.uuid, form),
    )


def late_features(uuid: str, form: str = "npy") -> Call[Features]:
    """`/features/{uuid}`: of a job that has succeeded."""
    params = parameters({"form": form})
    return Call("GET", f"/features/{_id(uuid)}", reading.features, params=params, safe=True)


def models() -> Call[list[Model]]:
    """`/models`."""
    return Call("GET", "/models", reading.models, safe=True)


def alive() -> Call[None]:
    """`/healthz`."""
    return Call("GET", "/healthz", reading.nothing)


def ready() -> Call[None]:
    """`/readyz`."""
    return Call("GET", "/readyz", reading.nothing)


def metrics() -> Call[str]:
    """`/metrics`."""
    return Call("GET", "/metrics", reading.text, safe=True)


def job(uuid: str) -> Call[Job]:
    """`/jobs/{uuid}`."""
    return Call("GET", path_of(uuid), read_as(Job), safe=True)


def path_of(uuid: str) -> str:
    """A job's."""
    return f"/jobs/{_id(uuid)}"


def _id(uuid: str) -> str:
    return quote(uuid, safe="")
