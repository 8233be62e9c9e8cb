"""What a client is told: labels, or an error in public words."""

from typing import Any

from classifier import errors as refused
from wire import errors, log
from wire.messages import Answer, ErrorBody, Features, Label
from worker.models import Model
from worker.parcel import Parcel

PUBLIC: dict[type[refused.ClassifierError], type[errors.ServiceError]] = {
    refused.UnsupportedFormat: errors.UnsupportedFormat,
    refused.InvalidImage: errors.InvalidImage,
    refused.TooManyPixels: errors.TooManyPixels,
    refused.ModelNotFound: errors.ModelNotFound,
    refused.NoLayers: errors.NoLayers,
    refused.LayerNotFound: errors.LayerNotFound,
    refused.ActivationTooLarge: errors.ActivationTooLarge,
}

logger = log.get("worker")


def success(
    parcel: Parcel, model: Model, labels: tuple[Label, ...], cached: bool = False
) -> Answer:
    """The answer to a picture that was classified."""
    result = labels[0].name if labels else None  # a sieve may leave none
    logger.routine("answered", **about(parcel), result=result)
    return Answer(
        **_asked(parcel),
        result=result,
        labels=labels,
        model=model.name,
        model_version=model.version,
        timings=parcel.spent.timings(),
        cached=cached,
    )


def features(parcel: Parcel, model: Model, features: Features) -> Answer:
    """The answer to a picture that was seen through a layer."""
    return Answer(
        **_asked(parcel),
        features=features,
        model=model.name,
        model_version=model.version,
        timings=parcel.spent.timings(),
    )


def failure(parcel: Parcel, cause: Exception) -> Answer:
    """The answer to a picture that could not be classified; a fault of ours goes to the log whole."""
    error = public(cause)
    if isinstance(error, errors.Internal):
        logger.error("a job failed", **about(parcel), exc_info=cause)
    else:
        logger.info("answered with an error", **about(parcel), code=error.code)
    return Answer(
        **_asked(parcel),
        timings=parcel.spent.timings(),
        error=ErrorBody.of(error),
    )


def public(cause: Exception) -> errors.ServiceError:
    """The error as a client reads it. What is in no table, a broken bundle for one, is `internal`."""
    if isinstance(cause, errors.ServiceError):
        return cause
    if isinstance(cause, refused.ClassifierError) and type(cause) in PUBLIC:
        text = str(cause)
        return PUBLIC[type(cause)](f"{text[:1].upper()}{text[1:]}." if text else None)
    return errors.Internal()


def _asked(parcel: Parcel) -> dict[str, Any]:
    """What an answer repeats of its job."""
    job = parcel.job
    return {"uuid": job.uuid, "image_url": job.image_url, "order": job.order, "hook": job.hook}


def about(parcel: Parcel) -> dict[str, str]:
    """A job's fields in a log line."""
    return {"job": parcel.job.uuid, "url": shown(parcel.job.image_url)}


def shown(url: str) -> str:
    """What of a URL may be logged: no query, which may hold a signature, and no credentials."""
    bare = url.partition("?")[0].partition("#")[0]
    return "" if "@" in bare else bare[:200]
