"""What `classifycloud train` takes to train on a Spark cluster."""

from typing import TYPE_CHECKING, Annotated, Literal

from cli.classify_spark import Settings as Settings
from cli.classify_spark import on_cluster, settings_of

if TYPE_CHECKING:
    from training.spark.fitting import Cluster

Master = Annotated[
    str | None,
    on_cluster(
        "--spark",
        metavar="MASTER",
        help="Train there: spark://HOST:7077, yarn, k8s://..., local-cluster[EXECUTORS,CORES,MB]; "
        "emr makes a cluster on AWS for it.",
    ),
]
Executors = Annotated[
    int | None,
    on_cluster(
        min=1, help="Tasks that share each batch.", show_default="as many as the cluster has slots"
    ),
]
Scheme = Annotated[
    Literal["all-reduce", "map-reduce"],
    on_cluster(help="Gradients summed among executors, or by the driver in every step."),
]


def cluster_of(
    master: str | None, executors: int | None, scheme: str, conf: list[str] | None
) -> "Cluster | None":
    """Where to train; None for this machine."""
    if master is None:
        return None
    from training.spark.fitting import Cluster

    chosen: Literal["all-reduce", "map-reduce"] = (
        "map-reduce" if scheme == "map-reduce" else "all-reduce"
    )
    return Cluster(master, executors, chosen, settings_of(conf))
