"""Runs elsewhere: what is packed, what may be unpacked, what an instance is told, what templates promise."""

import io
import os
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.account import Account
from deploy.errors import DeployError
from deploy.remote import far, script
from deploy.remote.agent import LONGEST
from deploy.remote.cluster import Cluster, Size
from deploy.remote.machine import _volume
from deploy.remote.name import IDS, Run, new_id
from deploy.remote.packing import pack, pack_only, unpack
from deploy.remote.place import Place
from tests.servers import ROOT

TEMPLATES = ROOT / "deploy" / "templates"
RUN = Run("r-0123456789", "true", "/x", "t3.micro", False, 60, 600, 1e9)


def names(packet: Path) -> list[str]:
    with tarfile.open(packet) as tar:
        return tar.getnames()


def made(folder: Path, *paths: str) -> Path:
    for each in paths:
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        (folder / each).write_text(each)
    return folder


def test_what_git_ignores_stays_here_but_what_is_asked_for(tmp_path):
    work = made(
        tmp_path / "w", "a.py", "new.txt", "data/1.jpg", "data/2.jpg", ".venv/x", "secret.env"
    )
    subprocess.run(["git", "init", "-q", work], check=True)
    (work / ".gitignore").write_text("data/\n.venv/\n*.env\n")
    subprocess.run(["git", "-C", work, "add", "a.py"], check=True)
    sent = pack(work, ["data"], tmp_path / "p.tar.gz")
    assert names(sent.path) == [".gitignore", "a.py", "data/1.jpg", "data/2.jpg", "new.txt"]
    assert sent.state["a.py"] == (4, (work / "a.py").stat().st_mtime_ns)
    with pytest.raises(DeployError, match="within"):
        pack(work, ["../elsewhere"], tmp_path / "q.tar.gz")


def test_without_git_environments_and_caches_stay_here(tmp_path):
    work = made(
        tmp_path / "w", "a.py", ".venv/x", "node_modules/y", "m/__pycache__/z", "runs/a/log"
    )
    assert names(pack(work, [], tmp_path / "p.tar.gz").path) == ["a.py", "runs/a/log"]
    assert names(pack_only(work, ["runs/a"], tmp_path / "q.tar.gz").path) == ["runs/a/log"]


def test_a_file_that_was_changed_on_both_sides_is_kept_on_both(tmp_path):
    work = made(tmp_path / "w", "same.txt", "mine.txt")
    sent = pack(work, [], tmp_path / "p.tar.gz").state
    (work / "mine.txt").write_text("changed here meanwhile")
    far = made(tmp_path / "far", "same.txt", "mine.txt", "deep/new.txt")
    for name in ("same.txt", "mine.txt"):
        (far / name).write_text("from there")
    back = pack(far, [], tmp_path / "back.tar.gz").path
    assert unpack(back, work, sent, RUN.id) == [
        "deep/new.txt",
        f"mine.txt.{RUN.id}",
        "same.txt",
    ]
    assert (work / "mine.txt").read_text() == "changed here meanwhile"
    assert (work / "same.txt").read_text() == "from there"


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/out.txt", "link"])
def test_nothing_is_written_outside_of_the_folder(tmp_path, name):
    packet = tmp_path / "p.tar.gz"
    with tarfile.open(packet, "w:gz") as tar:
        entry = tarfile.TarInfo(name)
        if name == "link":
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry, io.BytesIO())
    (tmp_path / "w").mkdir()
    with pytest.raises(DeployError, match="no file of the folder"):
        unpack(packet, tmp_path / "w", {}, RUN.id)
    assert os.listdir(tmp_path / "w") == []  # noqa: PTH208


def test_what_the_shell_is_given_is_one_and_puts_the_far_side_there_whole(tmp_path):
    lines = script.lines(RUN, "us-east-1", "a bucket'; rm -rf /")
    text = "\n".join(lines).replace(script.HOME, str(tmp_path / "there"))
    text = text[: text.rindex("\npython=")]
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "there" / "far.py").read_text() == script.FAR.read_text()
    assert "'a bucket'\"'\"'; rm -rf /'" in lines[-1]
    assert len("\n".join(lines)) < 60_000
    assert script.user_data().startswith("#!/bin/bash\nshutdown -P +20\n")
    assert subprocess.run(["bash", "-n"], input=script.user_data(), text=True).returncode == 0


@pytest.mark.parametrize("minutes", [3, 480, 2880])
def test_at_the_end_of_its_time_a_run_has_minutes_left_for_its_outputs(minutes):
    ends, system = far.timers({"minutes": minutes})
    ssm = min(script.patience(replace(RUN, minutes=minutes)), LONGEST)
    assert min(60 * system, ssm) - ends >= 600
    assert far.POLITE + far.PATIENT < 300


def test_a_run_travels_as_it_is_and_its_id_looks_like_one():
    assert Run.decode(RUN.encode()) == RUN
    assert IDS.fullmatch(new_id())
    with pytest.raises(ValueError, match="version"):
        Run.decode(b'{"id": "r-0123456789"}')


def parameters(name: str) -> str:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return text.partition("\nParameters:")[2].partition("\nResources:")[0]


def test_the_stack_hands_out_what_a_run_takes():
    outputs = (TEMPLATES / "stack.yaml").read_text(encoding="utf-8").partition("\nOutputs:")[2]
    for name in (
        "BucketName",
        "RemoteProfile",
        "RemoteSubnet",
        "RemoteSecurityGroup",
        "TrainingSubnet",
    ):
        assert f"\n  {name}:\n" in outputs
    assert "\n  ImageId:\n" in parameters("stack.yaml")


def test_the_cluster_is_given_what_its_template_knows():
    place = Place("d", "bucket", "ami-1", "p", "subnet-1", "sg-1", "vpc-1", "subnet-2")
    size = Size("m5.xlarge", "g4dn.xlarge", 4, True, "s3://pictures/set/")
    given = Cluster(Account("us-east-1"), place, RUN, print, size)._parameters()
    known = parameters("training.yaml")
    assert all(f"\n  {name}:\n" in known for name in given)
    assert (given["Vpc"], given["Subnet"]) == ("vpc-1", "subnet-2")
    assert given["DataArn"] == "arn:aws:s3:::pictures/set*"
    assert given["DataBucketArn"] == "arn:aws:s3:::pictures"


def test_no_cluster_is_made_where_the_stack_is_older_than_its_subnet():
    size = Size("m5.xlarge", "g4dn.xlarge", 4, True, None)
    old = Place("d", "bucket", "ami-1", "p", "subnet-1", "sg-1")
    with pytest.raises(DeployError, match="deploy up"):
        Cluster(Account("us-east-1"), old, RUN, print, size)._parameters()


def test_a_disk_is_never_smaller_than_the_image_that_goes_on_it():
    rows = [
        {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": "snap-1", "VolumeSize": 75}},
        {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
    ]
    image = {"RootDeviceName": "/dev/sda1", "BlockDeviceMappings": rows}
    (volume,) = _volume(image, 50)
    assert (volume["DeviceName"], volume["Ebs"]["VolumeSize"]) == ("/dev/sda1", 75)
    assert _volume(image, 100)[0]["Ebs"]["VolumeSize"] == 100
    assert _volume({"RootDeviceName": "/dev/xvda"}, 50)[0]["Ebs"]["VolumeSize"] == 50
