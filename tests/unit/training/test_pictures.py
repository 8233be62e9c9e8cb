"""Labeled pictures in folders, in tables and by their names."""

import pytest

from classifier.classes import ClassName
from training.errors import PicturesUnfit
from training.pictures import labeled, pictures

NAMES = (
    ClassName(class_id="n01", name="tench"),
    ClassName(class_id="n02", name="crane"),
    ClassName(class_id="n03", name="European fire salamander"),
    ClassName(class_id="n04", name="crane"),
)


def filled(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def truths(source):
    return {each.path.name: each.truth for each in labeled(source, NAMES)}


def test_a_folder_for_each_class_by_id_or_name(tmp_path):
    filled(
        tmp_path, "n01/a.jpg", "Tench/b.PNG", "european_fire_salamander/deep/c.webp", "n04/d.jpg"
    )
    filled(tmp_path, "n01/notes.txt", ".hidden/e.jpg", "n01/.f.jpg")
    assert truths(tmp_path) == {"a.jpg": (0,), "b.PNG": (0,), "c.webp": (2,), "d.jpg": (3,)}


def test_the_class_in_the_file_s_name(tmp_path):
    filled(tmp_path, "n01_tench.jpg", "n09_European_fire_salamander.JPEG", "n03.jpg")
    assert truths(tmp_path) == {
        "n01_tench.jpg": (0,),
        "n09_European_fire_salamander.JPEG": (2,),
        "n03.jpg": (2,),
    }


def test_a_name_that_two_classes_share_is_right_as_either(tmp_path):
    assert truths(filled(tmp_path, "n99_crane.jpg")) == {"n99_crane.jpg": (1, 3)}
    assert truths(filled(tmp_path / "other", "n04_crane.jpg")) == {"n04_crane.jpg": (3,)}


@pytest.mark.parametrize("heading", ["", "file,label\n"])
def test_a_table(tmp_path, heading):
    filled(tmp_path, "p/a.jpg", "p/b.jpg")
    table = tmp_path / "table.csv"
    table.write_text(f'{heading}p/a.jpg,n03\np/b.jpg,"Tench, Tinca tinca"\n\n')
    assert truths(table) == {"a.jpg": (2,), "b.jpg": (0,)}


def test_a_table_s_wrong_line_is_named(tmp_path):
    filled(tmp_path, "a.jpg")
    table = tmp_path / "table.csv"
    table.write_text("a.jpg,n01\nb.jpg,n01\n")
    with pytest.raises(PicturesUnfit, match=r"table\.csv, line 2: 'b\.jpg' is no picture"):
        labeled(table, NAMES)
    table.write_text("a.jpg\n")
    with pytest.raises(PicturesUnfit, match="line 1"):
        labeled(table, NAMES)


def test_a_class_that_the_network_does_not_have_is_named(tmp_path):
    with pytest.raises(PicturesUnfit, match=r"a\.jpg: the network has no class 'shark'"):
        labeled(filled(tmp_path, "n01/b.jpg", "shark/a.jpg"), NAMES)


def test_nothing_is_no_measurement(tmp_path):
    with pytest.raises(PicturesUnfit, match="holds no labeled pictures"):
        labeled(tmp_path, NAMES)
    with pytest.raises(PicturesUnfit, match="neither a folder"):
        labeled(tmp_path / "absent", NAMES)
    with pytest.raises(PicturesUnfit, match="holds no pictures"):
        pictures(tmp_path)


def test_pictures_without_labels_are_found_in_order(tmp_path):
    filled(tmp_path, "b.jpg", "a/z.png", "a/y.txt")
    assert [path.name for path in pictures(tmp_path)] == ["z.png", "b.jpg"]
