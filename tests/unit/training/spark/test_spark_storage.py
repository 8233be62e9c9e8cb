import io
import os

import boto3
import pyarrow
import pyarrow.parquet as parquet
import pytest
from moto import mock_aws

from training.spark.bulk import pieces, reading, storage
from training.spark.errors import InputUnfit

BUCKET = "pictures"


@pytest.fixture
def bucket(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
        monkeypatch.delenv(name)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        storage._client.cache_clear()
        yield f"s3://{BUCKET}/some/where"
        storage._client.cache_clear()


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    address = (
        str(tmp_path / "root") if request.param == "folder" else request.getfixturevalue("bucket")
    )
    return address, storage.at(address)


def table(rows: int, **columns: list[object]) -> bytes:
    room = io.BytesIO()
    whole = {"image": [bytes([at]) * 9 for at in range(rows)], **columns}
    parquet.write_table(pyarrow.table(whole), room, row_group_size=4)
    return room.getvalue()


def test_what_is_written_is_listed_and_read_in_whole_and_in_part(place):
    _, files = place
    assert list(files.names()) == []
    for name in ("b/2.png", "a.jpg"):
        files.write(name, name.encode() * 1000)
    assert sorted(files.names()) == ["a.jpg", "b/2.png"]
    assert files.read("b/2.png") == b"b/2.png" * 1000
    with files.opened("a.jpg") as file:
        file.seek(-5, io.SEEK_END)
        assert file.read() == b"a.jpg"
        file.seek(5)
        assert file.read(5) == b"a.jpg"
    with pytest.raises(OSError, match=r"gone"):
        files.read("gone.png")


def test_files_come_in_pieces_and_one_that_has_gone_is_told_of(place):
    address, files = place
    for at in range(5):
        files.write(f"{at}.png", bytes([at]))
    files.write("notes.txt", b"")
    source = pieces.of(address, 2)
    assert [piece.pictures for piece in source.pieces] == [2, 2, 1]
    assert source.digest == pieces.of(address, 2).digest
    files.write("9.png", b"")
    assert source.digest != pieces.of(address, 2).digest
    lost = pieces.Files(0, source.pieces[0].root, ("0.png", "no.png"))
    there, gone = reading.read(lost)
    assert there.data == b"\0"
    assert (gone.data, gone.error) == (None, reading.UNREADABLE)


def test_tables_come_in_spans_of_rows_across_groups_and_files(place):
    address, files = place
    files.write("one.parquet", table(10))
    files.write("two.parquet", table(3, path=["x", None, "z"]))
    source = pieces.of(address, 7)
    assert [piece.pictures for piece in source.pieces] == [7, 3, 3]
    read = [each for piece in source.pieces for each in reading.read(piece)]
    assert [each.data[0] for each in read] == [*range(10), *range(3)]
    one, two = files.address("one.parquet"), files.address("two.parquet")
    assert [each.path for each in read[6:8]] == [f"{one}#6", f"{one}#7"]
    assert [each.path for each in read[10:]] == ["x", f"{two}#1", "z"]


def test_nothing_to_classify_and_two_kinds_of_it_are_refused(place):
    address, files = place
    files.write("notes.txt", b"")
    with pytest.raises(InputUnfit, match="no picture"):
        pieces.of(address, 5)
    files.write("a.png", b"")
    files.write("b.parquet", table(1))
    with pytest.raises(InputUnfit, match="both"):
        pieces.of(address, 5)


def test_a_table_without_pictures_and_no_table_are_refused_by_name(place):
    address, files = place
    files.write("t.parquet", b"PAR1 not really")
    with pytest.raises(InputUnfit, match=r"t\.parquet is no Parquet file"):
        pieces.of(address, 5)
    room = io.BytesIO()
    parquet.write_table(pyarrow.table({"x": [1]}), room)
    files.write("t.parquet", room.getvalue())
    with pytest.raises(InputUnfit, match="no column of pictures"):
        pieces.of(address, 5)


def test_other_pictures_under_the_same_names_are_another_input(place):
    address, files = place
    for at in range(3):
        files.write(f"{at}.png", bytes([at]))
    before = pieces.of(address, 2)
    files.write("1.png", b"\7")
    after = pieces.of(address, 2)
    assert after.pieces == before.pieces
    assert after.digest != before.digest


def test_another_table_of_as_many_rows_is_another_input(place):
    _, files = place
    files.write("one.parquet", table(5))
    before = pieces.of(files.address("one.parquet"), 2)
    assert before.digest == pieces.of(files.address("one.parquet"), 2).digest
    files.write("one.parquet", table(5, path=list("abcde")))
    after = pieces.of(files.address("one.parquet"), 2)
    assert after.pieces == before.pieces
    assert after.digest != before.digest
