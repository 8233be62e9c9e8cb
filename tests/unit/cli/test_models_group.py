"""The group of commands: what it lists without a service, and how it refuses."""

import json

import pytest
from typer.testing import CliRunner

from classifier.catalog import BUNDLED
from classifier.zoo import ZOO
from cli.main import app


def models(*arguments, code=0):
    done = CliRunner().invoke(app, ["models", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.output


def test_a_folder_is_listed_without_a_service():
    rows = json.loads(models("list", BUNDLED, "--json"))
    assert [(row["name"], row["classes"]) for row in rows] == [("tiny-inception", 200)]
    assert models("list", BUNDLED).split()[6] == "tiny-inception"


def test_the_zoo_is_listed_with_its_price():
    rows = json.loads(models("list", "--zoo", "--json"))
    assert {row["name"]: row["parameters"] for row in rows} == {
        name: each.parameters for name, each in ZOO.items()
    }


def test_a_folder_that_is_none_is_named():
    assert "nowhere is no folder" in models("list", "nowhere", code=1)


@pytest.mark.parametrize("name", ZOO)
def test_a_network_is_shown_with_where_its_weights_are(name):
    said = models("show", name)
    assert ZOO[name].weights.url in said
    assert ZOO[name].weights.md5 in said


def test_a_bundle_is_shown_as_its_manifest_has_it():
    folder = BUNDLED / "tiny-inception" / "1"
    said = models("show", folder)
    assert "tiny-inception 1" in said
    assert "2 210 920" in said
    assert json.loads(models("show", folder, "--json"))["version"] == "1"
    assert "concatenate_5" in models("show", folder, "--layers")


def test_what_is_neither_is_told_what_there_is():
    assert "none of inception-v3, resnet50" in models("show", "alexnet", code=1)
    assert "there are: inception-v3" in models("fetch", "alexnet", code=2)
    assert "there are: inception-v3" in models(
        "import", BUNDLED / "tiny-inception" / "1" / "model.keras", "--like", "alexnet", code=2
    )


def test_pictures_are_like_those_of_a_known_network():
    from cli.models_import import _like

    reading = _like("vgg19")
    assert reading.pixels.color == "bgr"
    assert reading.cut.at(224) == ZOO["vgg19"].preprocessing


def test_an_export_says_what_it_is_to_be_measured_on():
    said = models("export", BUNDLED / "tiny-inception" / "1", code=2)
    assert "--data FOLDER" in said


def test_a_picture_has_one_label():
    folder = BUNDLED / "tiny-inception" / "1"
    assert "give one for each" in models("verify", folder, "--label", "tabby", code=2)


def test_the_bundled_model_is_verified():
    assert "tiny-inception 1, int8" in models("verify", BUNDLED / "tiny-inception" / "1")
