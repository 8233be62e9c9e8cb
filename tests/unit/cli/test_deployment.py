"""Which deployment a command means."""

import os

import pytest
import typer

from cli import deployment
from local.up.identity import Identity, identify
from local.up.notes import Notes
from wire.errors import QueueUnavailable


@pytest.fixture
def environment(monkeypatch) -> None:
    """Nothing of whoever runs the tests."""
    for name in dict(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture
def running(tmp_path):
    """The notes of an `up` on a folder: its parts are this very process."""
    notes, here = Notes(tmp_path / "run"), identify(os.getpid())
    notes.write("sqs", here, tmp_path / "log", "http://127.0.0.1:20001/health")
    notes.write("storage", here, tmp_path / "log", "http://127.0.0.1:20002/pictures")
    return tmp_path


def test_a_running_up_is_found_by_its_folder(environment, running) -> None:
    found = deployment.find(running)
    assert found.bucket == "pictures"
    assert str(running) in found.where
    assert os.environ["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:20002"
    assert os.environ["AWS_ENDPOINT_URL_SQS"] == "http://127.0.0.1:20001"


def test_one_that_was_killed_is_not(environment, running, capsys) -> None:
    Notes(running / "run").write(
        "storage", Identity(os.getpid(), 1.0), running / "log", "http://x/y"
    )
    with pytest.raises(typer.Exit):
        deployment.find(running)
    assert f"No service runs on {running}" in capsys.readouterr().err


def test_where_none_runs_it_is_the_account_that_boto3_finds(
    environment, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(typer.Exit):
        deployment.find(None)
    assert "no AWS credentials" in capsys.readouterr().err
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("CLASSIFYCLOUD_BUCKET", "kittens")
    found = deployment.find(None)
    assert (found.bucket, found.region) == ("kittens", "us-east-1")
    assert "AWS_ENDPOINT_URL_S3" not in os.environ


def test_a_storage_out_of_reach_is_said(environment, running, capsys) -> None:
    async def question(store):
        raise QueueUnavailable

    with pytest.raises(typer.Exit):
        deployment.ask(deployment.find(running), question)
    assert "cannot be reached" in capsys.readouterr().err
