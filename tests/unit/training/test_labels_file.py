"""Labels in every form in use, and the files that are none."""

import json

import pytest

from training import labels_file
from training.errors import LabelsUnfit


def read(tmp_path, content, classes=2):
    path = tmp_path / "labels"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return [(each.class_id, each.name) for each in labels_file.read(path, classes)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("tench, Tinca tinca\ngoldfish\n", [("0", "tench"), ("1", "goldfish")]),
        ("tench\r\ngoldfish", [("0", "tench"), ("1", "goldfish")]),
        ("\ufefftench\ngoldfish", [("0", "tench"), ("1", "goldfish")]),
        (
            "n01440764 tench, Tinca tinca\nn01443537\tgoldfish",
            [("n01440764", "tench"), ("n01443537", "goldfish")],
        ),
        (["tench", "goldfish"], [("0", "tench"), ("1", "goldfish")]),
        (
            [
                {"classId": "a", "name": "tench"},
                {"classId": "b", "name": "goldfish", "kind": "fish"},
            ],
            [("a", "tench"), ("b", "goldfish")],
        ),
        (
            {"1": ["n01443537", "great_goldfish"], "0": ["n01440764", "tench"]},
            [("n01440764", "tench"), ("n01443537", "great goldfish")],
        ),
        ({"0": "tench", "1": "goldfish"}, [("0", "tench"), ("1", "goldfish")]),
    ],
)
def test_every_form_is_read(tmp_path, content, found):
    assert read(tmp_path, content) == found


def test_ten_comes_behind_nine(tmp_path):
    found = read(tmp_path, {str(at): f"name {at}" for at in range(12)}, 12)
    assert [name for _, name in found] == [f"name {at}" for at in range(12)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a\n\nb", "entry 2 has no name"),
        ("{", "no file of labels"),
        ({"0": "a", "2": "b"}, "its places are not 0, 1, 2"),
        ({"0": ["a"], "1": ["b"]}, "no file of labels"),
        ({"0": [1, 2], "1": [3, 4]}, "1 is no text"),
        ([{"name": "a"}, {"name": "b"}], "no file of labels"),
        ([1, 2], "no file of labels"),
        (
            [{"classId": "a", "name": "x"}, {"classId": "a", "name": "y"}],
            "the class id a more than once",
        ),
        ("a\nb\nc", "names 3 classes and the network has 2 outputs"),
        ("a", "names 1 classes and the network has 2 outputs. Networks that know a background"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_file_s_name(tmp_path, content, said):
    with pytest.raises(LabelsUnfit) as refused:
        read(tmp_path, content)
    assert said in str(refused.value)
    assert str(tmp_path / "labels") in str(refused.value)


def test_bytes_are_no_labels(tmp_path):
    (tmp_path / "labels").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabelsUnfit, match="cannot be read as labels"):
        labels_file.read(tmp_path / "labels", 2)
    with pytest.raises(LabelsUnfit, match="cannot be read as labels"):
        labels_file.read(tmp_path / "absent", 2)


def test_what_is_written_is_what_a_bundle_reads(tmp_path):
    from classifier.bundle import _labels

    names = labels_file.numbered(3)
    (tmp_path / "labels.json").write_bytes(labels_file.document(names))
    assert _labels(tmp_path / "labels.json") == names
