"""The check at the end of a bake, on this machine in the place of an image."""

import os
import subprocess
import sys

import pytest

from tests.servers import ROOT

pytestmark = pytest.mark.timeout(500)


def run(module: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-P", "-m", f"ami.{module}", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=200,
    )


def test_another_label_is_no_image(tmp_path):
    cache, bundles = tmp_path / "cache", ROOT / "classifier/bundled"
    baked = run("bake", "--models", str(bundles), "--cache", str(cache))
    assert baked.returncode == 0, baked.stderr
    picture = str(ROOT / "local/samples/coffee.jpg")
    asked = ("--cache", str(cache), "--picture", picture, "--label", "teapot")
    done = run("accept", *asked, CLASSIFYCLOUD_CACHE=str(cache))
    assert done.returncode == 1
    assert "coffee.jpg is 'teapot', and the service says '" in done.stderr


def test_an_image_without_compiled_networks_is_none(tmp_path):
    asked = ("--cache", str(tmp_path), "--picture", "any.jpg", "--label", "espresso")
    done = run("accept", *asked)
    assert done.returncode == 1
    assert "no compiled network" in done.stderr
