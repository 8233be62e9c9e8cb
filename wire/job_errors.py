"""What may come of a job that is asked for by its id."""

from wire.service_error import ServiceError


class JobNotFound(ServiceError):
    """No job is kept under this id."""

    status = 404
    code = "job_not_found"
    message = "No job is kept under this id."


class JobExists(ServiceError):
    """Another job has this id already, or had it."""

    status = 409
    code = "job_exists"
    message = "Another job has this id; choose another one."


class JobUnfinished(ServiceError):
    """What was asked for is possible only once the job has come to its end."""

    status = 409
    code = "job_unfinished"
    message = "The job has not come to its end yet; cancel it, or wait for it."


class JobCanceled(ServiceError):
    """Somebody canceled the job before it was answered."""

    status = 410
    code = "job_canceled"
    message = "The job was canceled before it was answered."


class PictureGone(ServiceError):
    """The job's picture came as bytes, which go with its answer."""

    status = 410
    code = "picture_gone"
    message = "The picture came as bytes, which are not kept; send it again."


class JobExpired(ServiceError):
    """The job's deadline passed before a worker came to it, or before its answer could be kept."""

    status = 410
    code = "job_expired"
    message = "The job's deadline passed before it could be answered."
