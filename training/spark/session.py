"""A connection to the cluster, and what Spark's refusals mean."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.extras import remedy
from training.spark import java
from training.spark.errors import (
    ClusterFailed,
    ExecutorsUnfit,
    JavaUnfit,
    MasterUnfit,
    SparkMissing,
    TooFewSlots,
)

if TYPE_CHECKING:
    from pyspark import SparkContext

LOOPBACK = "127.0.0.1"
SUBMITTED = "PYSPARK_GATEWAY_PORT"  # set by spark-submit, whose Java runs already
_MASTER = re.compile(r"local(\[.*\])?|local-cluster\[.*\]|yarn|(spark|k8s)://.+")

QUIET = {"spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false"}
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
}


@contextmanager
def connected(master: str, name: str, settings: Mapping[str, str]) -> Iterator["SparkContext"]:
    """A connection of this process alone, closed behind it.

    Args:
        master: `spark://HOST:PORT`, `yarn`, `k8s://...`, `local[N]` or `local-cluster[N,CORES,MB]`.
        name: of the application, for the cluster's pages.
        settings: of Spark; they go before those of spark-submit and spark-defaults.conf.

    Raises:
        SparkMissing, JavaUnfit, MasterUnfit: there is no connection.
        TooFewSlots, ExecutorsUnfit, ClusterFailed: what Spark raised inside, in words.
    """
    context = _context(master, name, settings)
    try:
        yield context
    except Exception as error:
        meant = explained(error)
        if meant is error:
            raise
        raise meant from error
    finally:
        _closed(context, master)


def explained(error: BaseException) -> BaseException:
    """What an error of Spark's says to who runs the command; any other as it is."""
    if not type(error).__module__.startswith(("py4j.", "pyspark.")):
        return error
    text = str(error)
    if "SPARK-24819" in text or "more slots than the total number of slots" in text:
        return TooFewSlots(
            "the cluster has fewer free task slots than executors are asked for: give a lower "
            "--executors, or the application more cores (spark.executor.instances, "
            "spark.executor.cores, spark.cores.max)"
        )
    if missing := re.search(r"ModuleNotFoundError: No module named '([\w.]+)'", text):
        return ExecutorsUnfit(
            f"the executors' Python has no {missing[1]}: install the same classifycloud with its "
            "extras there, or ship an environment (docs/spark.md), and let PYSPARK_PYTHON name it"
        )
    if "PYTHON_VERSION_MISMATCH" in text:
        version = "{}.{}".format(*sys.version_info[:2])
        return ExecutorsUnfit(
            f"the executors run another Python than the driver's {version}: let PYSPARK_PYTHON "
            "name the same version on every machine"
        )
    return ClusterFailed(f"Spark gave up: {_cause(text)}")


def _context(master: str, name: str, settings: Mapping[str, str]) -> "SparkContext":
    try:
        from pyspark import SparkConf, SparkContext
    except ImportError as error:
        wanted = remedy("spark", "train", "serve")
        raise SparkMissing(f"PySpark is not installed: {wanted}") from error
    check_master(master)
    if SUBMITTED not in os.environ:
        java.check()
    here = master.startswith("local")
    if here:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", LOOPBACK)
    asked = QUIET | (LOCAL if here else {}) | dict(settings)
    conf = SparkConf().setMaster(master).setAppName(name).setAll(list(asked.items()))
    try:
        return SparkContext(conf=conf)
    except Exception as error:
        raise _unconnected(master, error) from error


def _closed(context: "SparkContext", master: str) -> None:
    """A cluster of this process alone leaves its executors' folders among Spark's own files."""
    java_side, name = context._jvm, context.applicationId
    home = java_side.System.getenv("SPARK_HOME") if java_side else None
    context.stop()
    if home and master.startswith("local-cluster"):
        shutil.rmtree(Path(home) / "work" / name, ignore_errors=True)


def check_master(master: str) -> None:
    """Raises MasterUnfit where no cluster can have such an address."""
    if master.startswith("sc://"):
        raise MasterUnfit(
            f"{master} is a Spark Connect server, which has neither barrier stages nor RDDs: "
            "give the cluster's own address (spark://HOST:7077, yarn, k8s://...)"
        )
    if not _MASTER.fullmatch(master):
        raise MasterUnfit(
            f"{master!r} is no address of a Spark cluster: spark://HOST:PORT, yarn, k8s://..., "
            "local[N], local-cluster[EXECUTORS,CORES,MB]"
        )


def _unconnected(master: str, error: Exception) -> Exception:
    if "JAVA_GATEWAY_EXITED" in str(error) or "Java gateway process exited" in str(error):
        return JavaUnfit("Java ended before Spark had started; its own words are above")
    return MasterUnfit(f"{master} cannot be reached: {_cause(str(error))}")


def _cause(text: str) -> str:
    """The innermost line that says what happened: of Python's traceback, or of Java's."""
    lines = [line.strip().lstrip(": ") for line in text.splitlines() if line.strip()]
    told = [
        line for line in lines if re.match(r"(\w+\.)*\w*(Error|Exception|Unfit|Failed)\b.*: ", line)
    ]
    python = [line for line in told if not line.startswith(("java.", "org.", "py4j.", "scala."))]
    chosen: Any = (python or told or lines or ["no reason given"])[-1 if python else 0]
    return str(chosen)[:400]
