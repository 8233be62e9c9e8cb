import sys

import pytest

from training.spark.errors import (
    ClusterFailed,
    ExecutorsUnfit,
    MasterUnfit,
    SparkMissing,
    TooFewSlots,
)
from training.spark.session import check_master, connected, explained

GOOD = [
    "local",
    "local[2]",
    "local-cluster[2,1,1024]",
    "spark://host:7077",
    "yarn",
    "k8s://https://host:443",
]


class Told(Exception):
    """As py4j raises them."""


Told.__module__ = "py4j.protocol"


@pytest.mark.parametrize("master", GOOD)
def test_addresses_of_clusters_are_taken(master):
    check_master(master)


@pytest.mark.parametrize(
    ("master", "says"), [("sc://host", "Spark Connect"), ("spark", "no address")]
)
def test_others_are_refused_in_words(master, says):
    with pytest.raises(MasterUnfit, match=says):
        check_master(master)


def test_what_spark_says_is_put_into_words():
    slots = Told(
        "org.apache.spark.scheduler.BarrierJobSlotsNumberCheckFailed: [SPARK-24819]: Barrier"
    )
    assert isinstance(explained(slots), TooFewSlots)
    missing = Told("Traceback\nModuleNotFoundError: No module named 'training'\n\tat org.apache")
    assert isinstance(explained(missing), ExecutorsUnfit)
    assert "classifycloud" in str(explained(missing))
    other = explained(
        Told("An error occurred\n: org.apache.spark.SparkException: Job aborted\nat x")
    )
    assert isinstance(other, ClusterFailed)
    assert "Job aborted" in str(other)


def test_errors_that_are_none_of_sparks_stay_as_they_are():
    mine = ValueError("mine")
    assert explained(mine) is mine


def test_without_pyspark_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(SparkMissing, match="make install-dev"), connected("local[1]", "test", {}):
        pass
