"""How the bundle of a run is called when nobody says how."""

from pathlib import Path

import pytest

from cli.models_publish_run import following, is_run, named_after


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("runs/shapes", "shapes"),
        ("runs/My Cats (2)", "my-cats-2"),
        ("runs/ä", "model"),
        ("runs/v1.2_b/", "v1.2_b"),
    ],
)
def test_a_model_is_named_after_its_run(folder, name):
    assert named_after(Path(folder)) == name


@pytest.mark.parametrize(
    ("versions", "next_one"), [([], "1"), (["1", "2", "10"], "11"), (["2", "beta"], "3")]
)
def test_the_next_version_is_the_next_number(versions, next_one):
    assert following(versions) == next_one


def test_a_run_is_told_from_a_bundle(tmp_path):
    assert not is_run(tmp_path)
    (tmp_path / "run.json").touch()
    assert is_run(tmp_path)
    (tmp_path / "manifest.json").touch()
    assert not is_run(tmp_path)
