import re
import tomllib

from classifier.extras import ROOT, remedy


def test_a_checkout_has_a_make_target_for_it():
    assert remedy("train") == "make install-dev"
    assert re.search(r"^install-dev:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_an_installed_package_has_extras(tmp_path):
    assert remedy("spark", "train", root=tmp_path) == "pip install 'classifycloud[spark,train]'"


def test_every_extra_that_is_named_exists():
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    rooms = ("bench", "classifier", "cli", "training")
    sources = [path.read_text() for room in rooms for path in (ROOT / room).rglob("*.py")]
    calls = [call for text in sources for call in re.findall(r"\bremedy\((.*?)\)", text)]
    named = {name for call in calls for name in re.findall(r"[\"'](\w+)[\"']", call)}
    assert {"plots", "serve", "spark", "train"} <= named <= set(known["optional-dependencies"])
