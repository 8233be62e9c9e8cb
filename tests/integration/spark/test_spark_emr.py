"""`classifycloud train --spark emr` from a terminal to nothing left, on emulated AWS.

The cluster's host is a folder of this machine, where the step runs as EMR would run it
(tests/far_machines.py); YARN is Spark's `local-cluster`, whose executors are processes of their own too.
"""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.far_cloud import COMMAND, NAME, Cloud, machines
from tests.servers import moto_server

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]
TRAIN = (
    "train --spark emr --executors 2 --data s3://pictures/set --model cnn1 --flags flags.yaml "
    "--out runs/a --conf spark.master=local-cluster[2,1,2048]"
)


@pytest.fixture
def cloud(tmp_path):
    with moto_server() as url, machines(url, tmp_path / "far") as ssm:
        made = Cloud(url, ssm, tmp_path / "far")
        made.make_stack()
        yield made


def put_pictures(cloud: Cloud, folder: Path) -> None:
    """Two classes, told apart by their color, in a bucket of their own."""
    s3 = cloud.clients["s3"]
    s3.create_bucket(Bucket="pictures")
    folder.mkdir()
    for at in range(40):
        pixels = np.zeros((32, 32, 3), np.uint8)
        pixels[..., at % 2 * 2] = 200
        Image.fromarray(pixels).save(folder / "one.png")
        name = f"set/{('red', 'blue')[at % 2]}/{at}.png"
        s3.put_object(Bucket="pictures", Key=name, Body=(folder / "one.png").read_bytes())


def test_a_training_on_a_cluster_of_its_own(cloud, tmp_path):
    put_pictures(cloud, tmp_path / "drawn")
    work = tmp_path / "work"
    work.mkdir()
    (work / "flags.yaml").write_text("side: 32\nepochs: 2\nbatch: 8\nskip-broken: false\n")
    done = subprocess.run(
        [COMMAND, *TRAIN.split()],
        cwd=work,
        env=cloud.environment,
        capture_output=True,
        text=True,
        timeout=800,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "epoch 2 of 2" in done.stdout, said
    run = work / "runs" / "a"
    assert json.loads((run / "summary.json").read_text())["epochs"] == 2
    assert (run / "report.html").exists()
    _nothing_is_left(cloud)
    assert sorted(each.name for each in work.iterdir()) == ["flags.yaml", "runs"]


def _nothing_is_left(cloud: Cloud) -> None:
    stacks = cloud.clients["cloudformation"].describe_stacks()["Stacks"]
    assert [row["StackName"] for row in stacks] == [NAME]
    assert cloud.objects() == []
    (cluster,) = cloud.clients["emr"].list_clusters()["Clusters"]
    assert cluster["Status"]["State"] == "TERMINATED"
