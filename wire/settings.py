"""Every setting: its default, its limits, what it is for. No other file names settings.

A setting is the environment variable CLASSIFYCLOUD_<NAME>. Credentials, region profile and endpoints
of AWS are boto3's own standard variables (AWS_ENDPOINT_URL_SQS and so on).
"""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from wire.environment import PREFIX as PREFIX
from wire.environment import Buckets, FromEnvironment, HostPort, Hosts, Names
from wire.hook_settings import HookSettings


class SettingsError(Exception):
    """A variable has a value that cannot be used; the text names it."""


class Settings(FromEnvironment):
    """What every process needs."""

    deployment: str = Field(
        "classifycloud", pattern=r"^[a-z0-9-]{1,40}$", description="prefix of every queue's name"
    )
    region: str = Field("us-east-1", description="AWS region")
    bucket: str = Field("classifycloud", min_length=3, description="S3 bucket of this deployment")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level that is logged"
    )
    models: Path | None = Field(
        None, description="folder of model bundles; the bundled model alone when unset"
    )
    model: str | None = Field(None, description="model that answers when a request names none")
    job_deadline: float = Field(
        300.0, gt=0, le=12 * 3600, description="seconds after sending in which a job may be worked"
    )
    poll_wait: int = Field(20, ge=0, le=20, description="seconds that a long poll stays open")
    visibility: int = Field(
        30, ge=2, le=43200, description="seconds until an unfinished message shows again"
    )
    heartbeat: float = Field(30.0, gt=0, description="seconds between reports")
    stop_grace: float = Field(60.0, gt=0, description="seconds a worker has to finish its jobs")
    paid_minute: float = Field(
        0.0,
        ge=0,
        description="seconds after its launch in which a worker is not sent away: paid in any case",
    )
    wait: float = Field(120.0, gt=0, le=900, description="seconds that a client is kept waiting")
    max_bytes: int = Field(10_000_000, gt=0, description="bytes that a picture may have")
    fetch_allow: Hosts = Field(
        (), description="host:port,… that may be fetched though they are not public"
    )
    traces: str | None = Field(None, description="OTLP collector's URL, or file, that spans go to")
    traces_share: float | None = Field(
        None, ge=0, le=1, description="share of requests traced; if unset 1 to a file, else 0.01"
    )
    input_buckets: Buckets = Field((), description="S3 buckets,… that bulk jobs may read")


class ApiSettings(Settings, HookSettings):
    """The front end."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on")
    max_pending: int = Field(1000, gt=0, description="requests that may wait in one replica")
    client_jobs: int | None = Field(
        None,
        ge=0,
        description="those of one client, or address; a quarter of all if unset, 0 for no limit; uploads too",
    )
    drain_grace: float = Field(
        20.0, ge=0, description="seconds after SIGTERM in which answers are still awaited"
    )
    connections: int = Field(
        2000, gt=0, description="connections that one replica holds; the longest idle goes first"
    )
    head_bytes: int = Field(
        16384, ge=1024, description="bytes that a request's line and headers may have"
    )
    head_seconds: float = Field(
        10.0, gt=0, description="seconds in which a request's line and headers must have come"
    )
    access: Literal["keys", "public"] = Field(
        "keys", description="who may ask: holders of an API key, or anybody"
    )
    visitors: int = Field(
        0,
        ge=0,
        description="requests an hour of an address without a key, where keys are asked for; 0 for none",
    )
    proxies: int = Field(
        0, ge=0, le=16, description="proxies in front that each add to X-Forwarded-For"
    )
    key_rate: float = Field(
        20.0, ge=0, description="requests a second of a client with a key; 0 for no limit"
    )
    key_burst: int = Field(
        100, gt=0, description="requests at once of a client with a key that was quiet"
    )
    address_rate: float = Field(
        50.0, ge=0, description="requests a second of an address; 0 for no limit"
    )
    address_burst: int = Field(
        250, gt=0, description="requests at once of an address that was quiet"
    )
    bulk_jobs: int = Field(20, ge=0, description="unfinished bulk jobs of a client; 0 for no limit")
    host_jobs: int = Field(
        100,
        ge=0,
        description="jobs of one replica that may wait for pictures of one host; 0 for no limit",
    )
    cache_seconds: float = Field(
        60.0,
        ge=0,
        description="seconds for which an answer serves the same client's same question; 0 for not at all",
    )
    cache_answers: int = Field(4096, gt=0, description="answers one replica keeps; 16 MiB at most")


class WorkerSettings(Settings):
    """The worker."""

    worker_id: str | None = Field(None, description="name in reports; made up when unset")
    engine: Literal["openvino", "keras"] = Field(
        "openvino", description="openvino serves on CPUs, keras on GPUs and needs Keras installed"
    )
    batch: int | None = Field(
        None,
        gt=0,
        le=256,
        description="pictures in a batch; as many as the engine gains by if unset",
    )
    fetchers: int | None = Field(
        None, gt=0, description="pictures fetched at the same time; by the cores if unset"
    )
    decoders: int | None = Field(
        None, gt=0, description="pictures decoded at the same time; by the cores if unset"
    )
    decoder_seconds: float = Field(
        10.0,
        gt=0,
        le=12,
        description="seconds of CPU that decoding one picture may take; twice that by the clock",
    )
    decoder_memory: int = Field(
        1_342_177_280,
        ge=2**28,
        description="bytes of address space of one decoder, its own code included",
    )
    decoder_filter: Literal["required", "wanted"] = Field(
        "required",
        description="whether a Linux that cannot filter a decoder's system calls keeps it from work",
    )
    engine_threads: int | None = Field(
        None, gt=0, description="cores that the engine uses, each for a batch; all if unset"
    )
    prefetch: int | None = Field(
        None, gt=0, description="messages that one worker holds at most; by the cores if unset"
    )
    fetch_timeout: float = Field(15.0, gt=0, description="seconds that one fetch may take in all")
    fetch_tries: int = Field(
        3, ge=1, le=10, description="times that a picture is fetched whose host fails for a moment"
    )
    max_redirects: int = Field(5, ge=0, description="redirects that one fetch follows")
    max_pixels: int = Field(50_000_000, gt=0, description="pixels that a picture may have")
    max_side: int = Field(
        16_384, gt=0, le=65_535, description="pixels that a picture's longer side may have"
    )
    record: Literal["batch", "picture"] = Field(
        "batch", description="records by batch, or also one object per picture's URL"
    )
    terminate_every: float = Field(
        20.0, gt=0, description="seconds between a busy worker's looks at terminate messages"
    )
    terminate_after: int = Field(
        5, gt=0, description="requests until a busy worker looks at terminate messages, 1/s at most"
    )
    cache: Path | None = Field(None, description="folder for the engine's compiled models")
    model_memory: int | None = Field(
        None, gt=0, description="MB that loaded models may take; 40 % of what there is if unset"
    )
    seen_answers: int = Field(
        4096,
        ge=0,
        description="pictures whose labels one worker remembers by their bytes; 0 for none",
    )
    imds: str | None = Field(
        None,
        pattern=r"^https?://[^/]+$",
        description="address of EC2's instance metadata service; unset where there is none",
    )
    worker_metrics: HostPort | None = Field(
        None, description="host:port of a worker's /metrics, port 0 for a free one; none if unset"
    )
    worker_targets: Path | None = Field(
        None, description="folder in which a worker leaves that address for Prometheus"
    )


class BalancerSettings(Settings):
    """The balancer."""

    fleet: Literal["process", "ec2", "dry-run"] = Field("process", description="what workers are")
    policy: str = Field("forecast", description="scaling policy: a name, or a file of your own")
    shadow: str | None = Field(
        None, description="policy whose plans are only logged, beside those that are carried out"
    )
    tick: float = Field(5.0, gt=0, description="seconds between decisions")
    qos: int = Field(5, gt=0, description="messages that one worker is given")
    min_workers: int = Field(1, ge=0, description="workers that are always kept")
    max_workers: int = Field(2, gt=0, description="workers that are never exceeded")
    scaling_factor: float = Field(1.0, gt=0, description="share of the missing workers to launch")
    kill_all_delay: float = Field(
        30.0, ge=0, description="seconds of an empty queue after which idle workers go"
    )
    target_wait: float = Field(
        5.0, gt=0, description="seconds that a picture should wait before work on it starts"
    )
    scale_in_delay: float = Field(
        30.0, ge=0, description="seconds for which fewer workers must be enough before any goes"
    )
    boot_seconds: float = Field(
        10.0, gt=0, description="seconds from launch to ready, until that is measured"
    )
    service_seconds: float = Field(
        0.1, gt=0, description="seconds of a worker for a picture, until that is measured"
    )
    lease: float = Field(15.0, gt=0, description="seconds of silence until another leads")
    boot_grace: float = Field(
        120.0, gt=0, description="seconds a launched worker has to report that it is ready"
    )
    silence: float = Field(
        120.0, gt=0, description="seconds without a report after which a worker is replaced"
    )
    reap_after: float = Field(
        600.0, gt=0, description="seconds of silence until a replica's queue goes"
    )
    fleet_dir: Path = Field(
        Path(".classifycloud/fleet"), description="where the process fleet keeps its ledger"
    )
    budget: float | None = Field(
        None, gt=0, description="dollars an hour that the workers may cost; no limit when unset"
    )
    prices: Path | None = Field(
        None, description="JSON file of hourly prices by instance type, over those built in"
    )
    ec2_template: str | None = Field(
        None, description="launch template: id or name, and :version (fleet ec2)"
    )
    ec2_types: Names = Field(
        ("c7a.large", "c7i.large", "c6a.large"),
        description="instance types, the first one first (fleet ec2)",
    )
    ec2_subnets: Names = Field(
        (), description="subnets, one for each zone; the template's own when empty (fleet ec2)"
    )
    ec2_market: Literal["spot", "on-demand"] = Field(
        "spot", description="spot falls back on on-demand where there is none (fleet ec2)"
    )
    standby: int = Field(
        0, ge=0, description="stopped on-demand instances kept ready to start (fleet ec2)"
    )
    metrics_port: int | None = Field(None, description="port of the balancer's /metrics")


class ClientSettings(FromEnvironment):
    """The commands that ask a service over HTTP, and `classifycloud.client`."""

    url: str | None = Field(None, description="service that commands and the client ask")
    key: SecretStr | None = Field(None, description="API key with which commands ask a service")

    def headers(self) -> dict[str, str]:
        """What shows the key; nothing where there is none."""
        return {} if self.key is None else {"X-API-Key": self.key.get_secret_value()}


KINDS = (ApiSettings, WorkerSettings, BalancerSettings)
S = TypeVar("S", bound=Settings)


def load(kind: type[S]) -> S:
    """Read the settings of one process from its environment.

    Raises:
        SettingsError: a variable's value cannot be used; the text names variable and reason.
    """
    try:
        return kind()
    except ValidationError as error:
        faults = (_told(kind, str(fault["loc"][0]), fault) for fault in error.errors())
        raise SettingsError("\n".join(faults)) from error


def _told(kind: type[Settings], name: str, fault: ErrorDetails) -> str:
    about = kind.model_fields[name].description
    return f"{PREFIX}{name.upper()}={fault['input']!r}: {fault['msg']} ({about})"
