"""What the operator can mend is one line that names the remedy, never a traceback."""

import sys

import pytest

pytest.importorskip("keras")
pytest.importorskip("nncf")

from training import __main__ as command


def said_by(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["training", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        command.main()
    return str(stopped.value)


def test_an_unknown_recipe_lists_the_known_ones(monkeypatch, tmp_path):
    said = said_by(monkeypatch, "fit", "--recipe", "x", "--data", tmp_path, "--out", tmp_path)
    assert said.startswith("error: no recipe named 'x'; there are: bundled, smoke, ")


def test_a_wrong_data_folder_is_named(monkeypatch, tmp_path):
    said = said_by(monkeypatch, "fit", "--data", tmp_path / "x", "--out", tmp_path / "run")
    assert said.startswith("error: ")
    assert "x is not there: --data must name a folder" in said


def test_a_folder_without_a_run_is_named(monkeypatch, tmp_path):
    said = said_by(monkeypatch, "publish", "--run", tmp_path, "--data", tmp_path, "--out", tmp_path)
    assert "holds no run" in said


def test_an_unfinished_run_is_not_published(monkeypatch, tmp_path):
    from training.recipes import BUNDLED
    from training.run import Run

    Run(tmp_path, {"recipe": BUNDLED.as_json(), "seed": 0, "data": "d", "backend": "tensorflow"})
    said = said_by(monkeypatch, "publish", "--run", tmp_path, "--data", tmp_path, "--out", tmp_path)
    assert "0 of 8 epochs" in said


def test_a_folder_without_a_bundle_is_named(monkeypatch, tmp_path):
    said = said_by(monkeypatch, "evaluate", "--bundle", tmp_path, "--data", tmp_path)
    assert "manifest.json" in said


def test_an_unknown_engine_lists_the_known_ones(monkeypatch, tmp_path):
    said = said_by(
        monkeypatch, "evaluate", "--bundle", tmp_path, "--data", tmp_path, "--engine", "x"
    )
    assert said.endswith("there are: openvino, tensorflow")
