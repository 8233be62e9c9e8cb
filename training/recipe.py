"""What a run does, as data: network, sizes, epochs, rates. Those with a name are in `training.recipes`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from classifier.manifest import Preprocessing
from training.augmentation import NONE, Augmentation
from training.optimizers import Optimizer, Sgd
from training.schedule import OneCycle, Schedule

SGD = Sgd(decay=2e-3)
CYCLE = OneCycle(0.5)


@dataclass(frozen=True)
class Phase:
    """`epochs` passes over pictures of `side` x `side` pixels."""

    side: int
    epochs: int


@dataclass(frozen=True)
class Group:
    """A class that is made of others, by their ids: so many pictures of each of them."""

    name: str
    members: tuple[str, ...]
    train: int
    validation: int


@dataclass(frozen=True)
class Grid:
    """Runs to compare: each rate with each batch size."""

    rates: tuple[float, ...]
    batches: tuple[int, ...]


@dataclass(frozen=True)
class Published:
    """What the literature reports; shares in 0..1 of its own validation or test pictures."""

    what: str
    top1: float
    top5: float | None = None


@dataclass(frozen=True)
class Recipe:
    """A run before it has data and a seed.

    Args:
        architecture: one of `training.architectures.known`, with its `options`.
        smoothing: of the labels, in 0..1.
        patience: epochs without a lower validation loss that end the run; None for all epochs.
        pictures: the first ones of each split only.
        groups: which of the data's classes are used, where the data have them all.
        loader: of a data set that Keras can fetch, where no data are given.
        precision: of what is computed; weights are float32 either way.
        interpolation, detail: how pictures of another size become the network's, see
            `classifier.manifest.Preprocessing`.
        published: what to compare the result with.
    """

    name: str
    phases: tuple[Phase, ...]
    architecture: str = "tiny-inception"
    options: Mapping[str, Any] = field(default_factory=dict)
    batch: int = 256
    optimizer: Optimizer = SGD
    schedule: Schedule = CYCLE
    smoothing: float = 0.0
    augmentation: Augmentation = NONE
    patience: int | None = None
    pictures: int | None = None
    groups: tuple[Group, ...] = ()
    precision: Literal["float32", "bfloat16"] = "float32"
    loader: Literal["cifar10", "fashion_mnist"] | None = None
    interpolation: Literal["bilinear", "bicubic", "lanczos", "box", "nearest"] = "bicubic"
    detail: int = 1
    grid: Grid | None = None
    published: tuple[Published, ...] = ()

    @property
    def epochs(self) -> int:
        """Epochs of all phases together."""
        return sum(phase.epochs for phase in self.phases)

    @property
    def preprocessing(self) -> Preprocessing:
        """How the trained network's pictures are prepared, at the last phase's side."""
        return self.prepared_at(self.phases[-1].side)

    def prepared_at(self, side: int) -> Preprocessing:
        """The same at another side, in pixels."""
        return Preprocessing(
            side=side, resize=side, interpolation=self.interpolation, detail=self.detail
        )

    def phase_of(self, epoch: int) -> Phase:
        """The phase that epoch `epoch` (from 0) belongs to; raises IndexError past the end."""
        for phase in self.phases:
            if epoch < phase.epochs:
                return phase
            epoch -= phase.epochs
        raise IndexError("epoch past the recipe's end")

    def lasting(self, epochs: int) -> "Recipe":
        """The same recipe over `epochs` epochs, the phases keeping their shares."""
        ends, done = [], 0
        for phase in self.phases:
            done += phase.epochs
            ends.append(round(done * epochs / self.epochs))
        spans = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
        phases = zip(self.phases, spans, strict=True)
        return replace(
            self, phases=tuple(replace(phase, epochs=span) for phase, span in phases if span)
        )

    def at_rate(self, rate: float) -> "Recipe":
        """The same with another highest learning rate."""
        return replace(self, schedule=replace(self.schedule, rate=rate))  # type: ignore[type-var]

    def at_side(self, side: int) -> "Recipe":
        """The same over pictures of one other side, in pixels."""
        return replace(self, phases=(Phase(side, self.epochs),))

    def as_json(self) -> dict[str, Any]:
        """The recipe as JSON types, for run.json and the manifest."""
        return asdict(replace(self, options=dict(self.options)))
