"""What a worker of a deployment takes on: a body that it can read, from a sender that it may answer."""

from wire.messages import Job, Undecodable
from wire.names import QueueNames


def read(body: str, names: QueueNames) -> Job:
    """The job in a request's body.

    Raises:
        Undecodable: the body is no job, or names a reply queue outside this deployment.
    """
    job = Job.decode(body)
    # Whoever can write into the requests queue could otherwise make workers write into any queue.
    if not names.may_reply_to(job.reply_to):
        raise Undecodable(f"Job {job.uuid}: replyTo is no queue of this deployment")
    return job
