"""A bundle is whole and unaltered, or it is refused with the file's name."""

import json
import tomllib
from fnmatch import fnmatch

import pytest

from classifier.bundle import Bundle, sha256
from classifier.catalog import BUNDLED, Catalog
from classifier.errors import BundleBroken, ModelNotFound


def write_bundle(root, name="plain", version="1", labels=2, **changes):
    """A bundle of two small stand-in files; enough for what reads but does not run it."""
    folder = root / name / version
    folder.mkdir(parents=True)
    (folder / "model.xml").write_text("<net/>")
    (folder / "model.bin").write_bytes(b"\0" * 16)
    rows = [{"classId": f"n{at}", "name": f"class {at}"} for at in range(labels)]
    (folder / "labels.json").write_text(json.dumps(rows))
    manifest = {
        "name": name,
        "version": version,
        "architecture": "none",
        "precision": "f32",
        "parameters": 4,
        "classes": 2,
        "preprocessing": {"side": 64, "resize": 64},
        "files": {path.name: sha256(path) for path in folder.iterdir()},
        "license": "Apache-2.0",
    } | changes
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_whole_bundle_loads(tmp_path):
    bundle = Bundle.load(write_bundle(tmp_path))
    assert (bundle.manifest.name, bundle.manifest.version) == ("plain", "1")
    assert [label.class_id for label in bundle.labels] == ["n0", "n1"]
    assert bundle.network.read_text() == "<net/>"


@pytest.mark.parametrize("name", ["model.xml", "model.bin", "labels.json"])
def test_an_altered_file_is_named(tmp_path, name):
    folder = write_bundle(tmp_path)
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(BundleBroken, match=name):
        Bundle.load(folder)


@pytest.mark.parametrize("name", ["model.xml", "model.bin", "labels.json", "manifest.json"])
def test_an_absent_file_is_named(tmp_path, name):
    folder = write_bundle(tmp_path)
    (folder / name).unlink()
    with pytest.raises(BundleBroken, match=name):
        Bundle.load(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"../../secret": "0" * 64}},
        {"files": {"model.xml": "no digest"}},
        {"files": {}},
        {"classes": 0},
        {"preprocessing": {"side": 0}},
        {"precision": "f8"},
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path, changes):
    with pytest.raises(BundleBroken, match=r"manifest\.json"):
        Bundle.load(write_bundle(tmp_path, **changes))


def test_a_wrong_number_of_labels_is_refused(tmp_path):
    with pytest.raises(BundleBroken, match="3 of 2 classes"):
        Bundle.load(write_bundle(tmp_path, labels=3))


def test_a_folder_that_is_no_bundle_is_called_so(tmp_path):
    with pytest.raises(BundleBroken, match=r"runs/none is no bundle: it has no manifest\.json$"):
        Bundle.load(tmp_path / "runs" / "none")


def test_fields_of_a_later_version_are_passed_over(tmp_path):
    folder = write_bundle(tmp_path, color="blue")
    assert Bundle.load(folder).manifest.parameters == 4


def test_a_bundle_without_keras_says_so(tmp_path):
    with pytest.raises(BundleBroken, match=r"no model\.keras"):
        _ = Bundle.load(write_bundle(tmp_path)).keras


def test_an_altered_keras_network_is_refused_when_it_is_asked_for(tmp_path):
    folder = write_bundle(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "model.keras").write_bytes(b"layers")
    manifest["files"]["model.keras"] = sha256(folder / "model.keras")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert Bundle.load(folder).keras.read_bytes() == b"layers"
    (folder / "model.keras").write_bytes(b"others")
    bundle = Bundle.load(folder)
    with pytest.raises(BundleBroken, match=r"model\.keras"):
        _ = bundle.keras


def test_the_catalog_finds_by_name_and_version(tmp_path):
    for version in ("1", "2", "10"):
        write_bundle(tmp_path, "plain", version)
    write_bundle(tmp_path, "other", "1")
    catalog = Catalog(tmp_path, default="plain")
    assert catalog.names() == ["other", "plain"]
    assert catalog.versions("plain") == ["1", "2", "10"]
    assert catalog.find().manifest.version == "10"
    assert catalog.find("plain", "2").manifest.version == "2"
    assert catalog.find("other").manifest.name == "other"
    assert catalog.find("other") is catalog.find("other", "1")


@pytest.mark.parametrize(("name", "version"), [("plain", ".2.partial"), (".plain", "2")])
def test_a_bundle_that_is_being_written_is_not_offered(tmp_path, name, version):
    write_bundle(tmp_path)
    write_bundle(tmp_path, name, version)
    catalog = Catalog(tmp_path, default="plain")
    assert (catalog.names(), catalog.versions("plain")) == (["plain"], ["1"])
    assert catalog.find().manifest.version == "1"
    with pytest.raises(ModelNotFound):
        catalog.find(name, version)


@pytest.mark.parametrize(
    ("name", "version"), [("lost", None), ("plain", "9"), ("..", "plain"), ("plain/1", None)]
)
def test_an_unknown_model_lists_the_known_ones(tmp_path, name, version):
    write_bundle(tmp_path)
    with pytest.raises(ModelNotFound, match="there are: plain 1"):
        Catalog(tmp_path, default="plain").find(name, version)


def test_an_empty_catalog_says_so(tmp_path):
    with pytest.raises(ModelNotFound, match="there are: none"):
        Catalog(tmp_path / "absent").find()


def test_a_damaged_bundle_is_found_but_refused(tmp_path):
    folder = write_bundle(tmp_path)
    (folder / "model.bin").write_bytes(b"")
    with pytest.raises(BundleBroken, match=r"model\.bin"):
        Catalog(tmp_path, default="plain").find()


def test_the_package_takes_along_each_file_of_the_bundled_model():
    project = tomllib.loads((BUNDLED.parents[1] / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    files = Catalog().find().manifest.files
    assert files
    assert [name for name in files if not any(fnmatch(name, glob) for glob in patterns)] == []
