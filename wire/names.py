"""Names that several processes must agree on: queues under a deployment's prefix, keys in S3."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

UPLOAD_SCHEME = "upload:"
QUEUE = re.compile(r"[A-Za-z0-9_-]+")
LONGEST = 80  # characters of a queue's name; Amazon SQS, "Quotas related to queues"
WORKING = "state/working/"
ACTIVE_TAG = "classifycloud-active"  # of an instance; `no` keeps its worker on standby


@dataclass(frozen=True, slots=True)
class QueueNames:
    """The queues of one deployment; several deployments share an account under different prefixes."""

    deployment: str

    @property
    def requests(self) -> str:
        return f"{self.deployment}-requests"

    @property
    def dead_letter(self) -> str:
        return f"{self.deployment}-dead-letter"

    @property
    def terminate(self) -> str:
        return f"{self.deployment}-terminate"

    @property
    def reports(self) -> str:
        return f"{self.deployment}-reports"

    @property
    def outcomes(self) -> str:
        """Answers that no replica waits for: of asynchronous jobs, and of the rows of bulk jobs."""
        return f"{self.deployment}-outcomes"

    @property
    def chores(self) -> str:
        """What some replica is to do, whichever it is."""
        return f"{self.deployment}-chores"

    @property
    def responses_prefix(self) -> str:
        return f"{self.deployment}-responses-"

    def responses(self, replica: str) -> str:
        return f"{self.responses_prefix}{replica}"

    def may_reply_to(self, name: str) -> bool:
        """Whether a worker of this deployment may answer to this queue.

        It is a name and nothing else: what SQS would not take for one could be read as a path by somebody.
        """
        if name == self.outcomes:
            return True
        rest = name.removeprefix(self.responses_prefix)
        return rest != name and QUEUE.fullmatch(rest) is not None and len(name) <= LONGEST


def result_key(uuid: str) -> str:
    """An answer that must be found by id."""
    return f"results/{uuid}.json"


def job_key(uuid: str) -> str:
    """A job whose client left without its answer: until when the answer may still come."""
    return f"jobs/{uuid}.json"


def suspect_key(uuid: str) -> str:
    """A job that is being worked alone; what is left here was poison to its worker."""
    return f"state/suspects/{uuid}.json"


def working_key(worker: str) -> str:
    """Asynchronous jobs that a worker has in hand for more than a moment."""
    return f"{WORKING}{worker}.json"


def idempotency_key(caller: str, key: str) -> str:
    """What a caller's Idempotency-Key stands for. A name has no line break, so that no two pairs are one."""
    pair = f"{caller}\n{key}"
    return f"idempotency/{hashlib.sha256(pair.encode()).hexdigest()}"


def upload_key(uuid: str) -> str:
    """A picture that came as bytes."""
    return f"uploads/{uuid}"


def features_key(uuid: str) -> str:
    """What came out of a layer, where it is too large for a message."""
    return f"features/{uuid}.npy"


def picture_key(url: str) -> str:
    """The latest record of one picture, by its URL."""
    return f"pictures/{hashlib.sha256(url.encode()).hexdigest()}.json"


def records_key(at: datetime, batch: str) -> str:
    """A batch of records, one line each, filed under the hour (UTC) in which it was written."""
    return f"records/{at:%Y/%m/%d/%H}/{batch}.jsonl"


def upload_url(key: str) -> str:
    """What a job carries as its image_url when the picture came as bytes."""
    return f"{UPLOAD_SCHEME}{key}"


def uploaded(image_url: str) -> str | None:
    """The store's key when the job's picture came as bytes, None when it is a URL."""
    return image_url.removeprefix(UPLOAD_SCHEME) if image_url.startswith(UPLOAD_SCHEME) else None
