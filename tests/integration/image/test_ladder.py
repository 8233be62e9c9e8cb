"""The quick rungs of `make ladder`, and that they find what they are there to find."""

import importlib.util
import sys

import pytest

from tests.servers import ROOT

_spec = importlib.util.spec_from_file_location("ladder", ROOT / ".ci/ladder.py")
ladder = importlib.util.module_from_spec(_spec)
sys.modules["ladder"] = ladder  # dataclasses look there
_spec.loader.exec_module(ladder)


def climb(rung) -> None:
    try:
        rung()
    except ladder.Skipped as reason:
        pytest.skip(str(reason))


# The templates have tests of their own, cfn-lint among them.
QUICK = [rung for rung in ladder.RUNGS if rung.quick and rung.name != "cfn-lint"]


@pytest.mark.parametrize("rung", QUICK, ids=lambda rung: rung.name)
def test_rung(rung):
    climb(rung.climb)


@pytest.mark.parametrize(
    ("rung", "slip"),
    [
        (ladder.verify, ("PrivateTmp=yes", "PrivateTemp=yes")),
        (ladder.verify, ("RestartSec=", "RestartSec=soon")),
        (ladder.security, ("NoNewPrivileges=yes\nCapabilityBoundingSet=\n", "")),
    ],
)
def test_a_slip_in_a_unit_is_found(rung, slip, tmp_path, monkeypatch):
    climb(rung)
    for path in ladder.UNITS.glob("*.service"):
        (tmp_path / path.name).write_text(path.read_text().replace(*slip))
    monkeypatch.setattr(ladder, "UNITS", tmp_path)
    with pytest.raises(ladder.Fallen):
        rung()


def test_a_missing_tool_is_no_success(monkeypatch, capsys):
    monkeypatch.setattr(ladder.shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["ladder", "--strict", "--only", "packer validate"])
    assert ladder.main() == 1
    assert "there is no packer" in capsys.readouterr().out
