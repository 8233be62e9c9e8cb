"""Names that several processes must agree on: queues under a deployment's prefix, keys in S3."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

UPLOAD_SCHEME = "upload:"
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
    def responses_prefix(self) -> str:
        return f"{self.deployment}-responses-"

    def responses(self, replica: str) -> str:
        return f"{self.responses_prefix}{replica}"

    def may_reply_to(self, name: str) -> bool:
        """Whether a worker of this deployment may answer to this queue."""
        return name.startswith(self.responses_prefix)


def result_key(uuid: str) -> str:
    """An answer that must be found by id."""
    return f"results/{uuid}.json"


def job_key(uuid: str) -> str:
    """A job whose client left without its answer: until when the answer may still come."""
    return f"jobs/{uuid}.json"


def suspect_key(uuid: str) -> str:
    """A job that is being worked alone; what is left here was poison to its worker."""
    return f"state/suspects/{uuid}.json"


def upload_key(uuid: str) -> str:
    """A picture that came as bytes."""
    return f"uploads/{uuid}"


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
