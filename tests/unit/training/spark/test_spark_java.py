from pathlib import Path

import pytest

from training.spark import java
from training.spark.errors import JavaUnfit

SAYS = {
    'openjdk version "17.0.15" 2025-04-15': 17,
    'java version "1.8.0_401"': 8,
    'openjdk version "21" 2023-09-19': 21,
    "no version": None,
}


def fake(folder: Path, says: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    java.chmod(0o755)
    return java


@pytest.mark.parametrize(("said", "major"), SAYS.items())
def test_versions(said, major):
    assert java.major(said) == major


def test_java_home_goes_before_the_path(tmp_path):
    named = fake(tmp_path / "named", "")
    other = fake(tmp_path / "other", "")
    environment = {"JAVA_HOME": str(tmp_path / "named"), "PATH": str(other.parent)}
    assert java.found(environment) == named
    assert java.found({"PATH": str(other.parent)}) == other


def test_no_java_and_a_wrong_java_home_are_told_apart(tmp_path):
    with pytest.raises(JavaUnfit, match="there is no Java"):
        java.found({"PATH": str(tmp_path)})
    with pytest.raises(JavaUnfit, match="no bin/java"):
        java.found({"JAVA_HOME": str(tmp_path)})


def test_an_old_java_is_refused_with_the_remedy(tmp_path, monkeypatch):
    fake(tmp_path, 'openjdk version "11.0.2" 2019-01-15')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(JavaUnfit, match=r"is Java 11\. .*17 or later"):
        java.check()
