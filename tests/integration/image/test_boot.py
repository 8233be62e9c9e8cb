"""The boot script as a process, beside a metadata service and moto's parameter store."""

import subprocess
import sys

import boto3
import pytest

from tests.metadata import Metadata
from tests.servers import ROOT, moto_server

HEADER = "#classifycloud 1\n"


class Instance:
    """An instance that boots into `out`."""

    def __init__(self, out, user_data: str | None, **tags: str) -> None:
        self.out = out
        keys = [key.replace("_", "-") if key.islower() else key for key in tags]
        entries = {f"tags/instance/{k}": v for k, v in zip(keys, tags.values(), strict=True)}
        if keys:
            entries["tags/instance"] = "\n".join(keys)
        self._metadata = Metadata(**{"placement/region": "eu-central-1"}, **entries)
        self._metadata.user_data = user_data

    def boot(self, patience: str = "20") -> "subprocess.CompletedProcess[str]":
        command = (sys.executable, "-P", "-m", "ami.boot", "--out", str(self.out))
        try:
            return subprocess.run(
                [*command, "--imds", self._metadata.url, "--patience", patience],
                cwd=ROOT,
                env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                timeout=120,
            )
        finally:
            self._metadata.close()

    def variables(self, role: str) -> dict[str, str]:
        lines = (self.out / f"{role}.env").read_text().splitlines()
        return {line.partition("=")[0]: line.partition("=")[2].strip('"') for line in lines}

    def roles(self) -> set[str]:
        return {path.name for path in self.out.glob("roles/*")}


def test_a_worker_alone(tmp_path):
    told = f"{HEADER}START=worker\nLOG_GROUP=/cc\nCLASSIFYCLOUD_BUCKET=pictures\n"
    instance = Instance(
        tmp_path, told, classifycloud_deployment="tagged", CLASSIFYCLOUD_STOP_GRACE="9", Name="x"
    )
    done = instance.boot()
    assert done.returncode == 0, done.stderr
    found = instance.variables("worker")
    assert found.pop("CLASSIFYCLOUD_IMDS").startswith("http://127.0.0.1:")
    assert found == {
        "CLASSIFYCLOUD_BUCKET": "pictures",
        "CLASSIFYCLOUD_DEPLOYMENT": "tagged",
        "CLASSIFYCLOUD_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "CLASSIFYCLOUD_STOP_GRACE": "9",
    }
    assert instance.roles() == {"worker"}
    assert (tmp_path / "alone").exists()
    assert instance.variables("logs")["LOG_GROUP"] == "/cc"
    assert instance.variables("logs")["INSTANCE"] == "i-0123456789abcdef0"
    assert (tmp_path / "worker.env").stat().st_mode & 0o077 == 0


def test_a_single_host_is_never_powered_off(tmp_path):
    instance = Instance(tmp_path, f"{HEADER}START=api balancer\nCLASSIFYCLOUD_FLEET=process\n")
    assert instance.boot().returncode == 0
    assert instance.roles() == {"api", "balancer"}
    assert not (tmp_path / "alone").exists()
    assert "CLASSIFYCLOUD_IMDS" not in instance.variables("balancer")
    assert "AWS_ENDPOINT_URL_SQS" not in instance.variables("balancer")


@pytest.mark.parametrize("elsewhere", [None, "http://127.0.0.1:1"])
def test_where_there_is_a_queue_the_others_go_there_for_sqs_alone(tmp_path, elsewhere):
    told = f"{HEADER}START=queue api\n"
    told += f"AWS_ENDPOINT_URL_SQS={elsewhere}\n" if elsewhere else ""
    instance = Instance(tmp_path, told)
    assert instance.boot().returncode == 0
    assert instance.roles() == {"queue", "api"}
    found = instance.variables("api")
    endpoints = {name: value for name, value in found.items() if "ENDPOINT" in name}
    # Who is told of another goes there.
    assert endpoints == {"AWS_ENDPOINT_URL_SQS": elsewhere or "http://127.0.0.1:9324"}
    assert instance.variables("queue")["AWS_DEFAULT_REGION"] == "eu-central-1"


@pytest.mark.parametrize("user_data", [None, "#!/bin/sh\necho of somebody else's\n"])
def test_an_instance_of_somebody_elses_starts_nothing(tmp_path, user_data):
    instance = Instance(tmp_path, user_data)
    assert instance.boot().returncode == 0
    assert not list(tmp_path.iterdir())


def test_a_slip_stops_the_boot_and_is_named(tmp_path):
    done = Instance(tmp_path, f"{HEADER}START=api\nCLASSIFYCLOUD_ACESS=public\n").boot()
    assert done.returncode == 2
    assert "CLASSIFYCLOUD_ACESS" in done.stderr
    assert not list(tmp_path.iterdir())


def test_parameters_of_ssm_lie_under_what_the_instance_was_told(tmp_path):
    with moto_server() as url:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        ssm = boto3.client("ssm", region_name="eu-central-1", endpoint_url=url, **keys)
        stored = {
            "all/CLASSIFYCLOUD_WAIT": "10",
            "all/CLASSIFYCLOUD_PORT": "1",
            "api/CLASSIFYCLOUD_PORT": "2",
            "api/CLASSIFYCLOUD_ACCESS": "public",
            "balancer/CLASSIFYCLOUD_QOS": "7",
        }
        for number in range(12):  # more than a page
            stored[f"other/{number}"] = "x"
        for name, value in stored.items():
            ssm.put_parameter(Name=f"/cc/demo/{name}", Value=value, Type="SecureString")
        instance = Instance(
            tmp_path,
            f"{HEADER}START=api\nSETTINGS=/cc/demo\nCLASSIFYCLOUD_ACCESS=keys\n"
            f"AWS_ENDPOINT_URL={url}\nAWS_ACCESS_KEY_ID=test\nAWS_SECRET_ACCESS_KEY=test\n",
        )
        done = instance.boot()
    assert done.returncode == 0, done.stderr
    found = instance.variables("api")
    assert found["CLASSIFYCLOUD_WAIT"] == "10"
    assert found["CLASSIFYCLOUD_PORT"] == "2"
    assert found["CLASSIFYCLOUD_ACCESS"] == "keys"
    assert "CLASSIFYCLOUD_QOS" not in found


def test_a_metadata_service_that_comes_late_is_waited_for_but_not_for_ever(tmp_path):
    instance = Instance(tmp_path, f"{HEADER}START=worker\n")
    instance._metadata.broken = True
    done = instance.boot(patience="1")
    assert done.returncode == 1
    assert "tells nothing" in done.stderr
