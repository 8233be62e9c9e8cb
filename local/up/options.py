"""What `up` is asked for, and the settings that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from classifier.catalog import BUNDLED, Catalog
from classifier.errors import ModelNotFound
from local.up.errors import ModelUnknown, WorkersContradict
from local.up.ports import LOOPBACK
from local.up.targets import FOLDER
from wire.settings import ApiSettings, BalancerSettings, WorkerSettings, load
from wire.slips import refuse_unknown

DATA = Path(".classifycloud")
# A poll that is open when a worker is asked to go must end first; 2 s keep Ctrl-C quick.
POLL_WAIT = 2


# Asked for by name, as everywhere; only who sits at this machine is served, and his load tests. Who asks
# for keys means strangers, and has the limits that everybody has.
UNLIMITED = {
    "access": "public",
    "key_rate": "0",
    "address_rate": "0",
    "host_jobs": "0",
    "client_jobs": "0",
}


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options; None leaves the choice to the variable, or to its default.

    `faults` is for tests: what the local AWS is to do wrong, see `local.faults`.
    """

    port: int | None = None
    data: Path = DATA
    min_workers: int | None = None
    max_workers: int | None = None
    model: str | None = None
    verbose: bool = False
    faults: Path | None = None

    def forced(self) -> dict[str, str]:
        """Settings that the command line gives, by their names."""
        given = {
            "port": self.port,
            "min_workers": self.min_workers,
            "max_workers": self.max_workers,
            "model": self.model,
        }
        return {name: str(value) for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Service:
    """The settings of all processes, checked before the first of them starts."""

    api: ApiSettings
    balancer: BalancerSettings

    @property
    def public(self) -> bool:
        """Whether anybody may ask: so on one machine, unless the caller's variable says otherwise."""
        return "access" not in self.api.model_fields_set or self.api.access == "public"

    @classmethod
    def read(cls, options: Options) -> "Service":
        """From the environment, the options on top.

        Raises:
            SettingsError: a variable has a value that cannot be used, or is none.
            WorkersContradict: more workers are to be kept than allowed.
            ModelUnknown: no bundle has the name that is to answer.
        """
        refuse_unknown()
        load(WorkerSettings)
        api = load(ApiSettings)
        balancer = load(BalancerSettings)
        if options.port is not None:
            api = api.model_copy(update={"port": options.port})
        limits = {
            "min_workers": options.min_workers,
            "max_workers": options.max_workers,
        }
        balancer = balancer.model_copy(
            update={name: value for name, value in limits.items() if value is not None}
        )
        _check_model(api.models, options.model or api.model)
        if balancer.min_workers > balancer.max_workers:
            raise WorkersContradict(balancer.min_workers, balancer.max_workers)
        return cls(api, balancer)


def _check_model(folder: Path | None, name: str | None) -> None:
    if name is None:
        return
    catalog = Catalog(folder or BUNDLED)
    if catalog.versions(name):
        return  # whole or not the workers will find: nothing starts before this, and to read it takes a while
    try:
        catalog.find(name)
    except ModelNotFound as error:
        raise ModelUnknown(error) from error


def defaults(data: Path, balancer_port: int, public: bool) -> Mapping[str, str]:
    """Settings of the one-machine mode where the caller has none."""
    return (UNLIMITED if public else {}) | {
        "poll_wait": str(POLL_WAIT),
        "fleet_dir": str(data / "fleet"),
        "cache": str(data / "cache"),
        "metrics_port": str(balancer_port),
        "worker_metrics": f"{LOOPBACK}:0",
        "worker_targets": str(data / FOLDER),
    }
