"""A verse for what was seen: the nearest there is, and the operator's before ours."""

import hashlib
import json

import pytest
from botocore.exceptions import ClientError

from api.models import Models
from api.poems import anthology, kinds
from api.poems.bundled import Bundled
from api.poems.poet import Poet
from api.poems.shelf import FRESH, LARGEST, Shelf
from classifier.catalog import BUNDLED, Catalog
from tests import named_bundle
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore

DENIED = {"Error": {"Code": "AccessDenied", "Message": "no"}}
BUNDLE = BUNDLED / "tiny-inception" / "1"


class Counting(MemoryStore):
    """Counts what it is asked, and may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.away: Exception | None = None

    async def keys(self, prefix: str, limit: int = 1000) -> list[str]:
        self._ask(prefix)
        return await super().keys(prefix, limit)

    async def stretch(self, key: str, begin: int, size: int) -> bytes | None:
        self._ask(key)
        return await super().stretch(key, begin, size)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.away is not None:
            raise self.away


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def poet(store: Counting, clock: list[float]) -> Poet:
    return Poet(Shelf(store, lambda: clock[0]))


@pytest.mark.parametrize(
    ("name", "class_id", "chain"),
    [
        ("Egyptian cat", "n02124075", "cat mammal animal thing"),
        ("crane", "n02012849", "water-bird bird animal thing"),
        ("crane", "n03126707", "machine thing"),
        ("Cardigan", "n02113186", "dog mammal animal thing"),
        ("cardigan", "n02963159", "clothing thing"),
        ("tabby, tabby cat", "281", "cat mammal animal thing"),
        ("garden gnome, dachshund puppy", "", "dog mammal animal thing"),
        ("cats", "", "cat mammal animal thing"),
        ("qwerty", "", "thing"),
        ("", "", "thing"),
    ],
)
def test_a_labels_kinds_are_found_by_its_id_or_its_name(name, class_id, chain):
    assert " ".join(kinds.ours().of(name, class_id)) == chain


def test_a_bundle_may_say_the_kind_itself():
    ours = kinds.ours()
    assert ours.of("Rex", said="Beagle/Dog")[:3] == ("beagle", "dog", "mammal")
    assert ours.of("Rex", said="dog")[0] == "dog"
    assert ours.of("golden retriever", said="good boy")[:2] == ("good-boy", "dog")


def test_every_label_of_the_bundled_model_and_every_kind_has_a_verse_of_its_own():
    ours, verses = kinds.ours(), anthology.ours()
    labels = json.loads((BUNDLE / "labels.json").read_text())
    found = {each["name"]: ours.of(each["name"], each["classId"]) for each in labels}
    assert [name for name, chain in found.items() if chain[0] == kinds.ROOT] == []
    assert len({chain[0] for chain in found.values()}) > 60
    assert set(verses) == set(ours.parents)
    for name, several in verses.items():
        assert all(len(verse) == 4 for verse in several), name


def test_a_kind_without_its_parent_is_refused():
    with pytest.raises(ValueError, match="poodle is of the kind dog"):
        kinds.parsed("- thing\n- poodle < dog: poodle\n")


async def test_the_nearest_verse_is_given_and_the_operators_before_ours(poet, store, clock):
    async def said(name: str) -> tuple[str, str]:
        found = await poet.verse(name, "n02124075")
        return found.about, found.lines[0]

    assert (await said("Egyptian cat"))[0] == "cat"
    for name in ("animal", "cat", "egyptian-cat", "n02124075"):
        assert (await said("Egyptian cat"))[1] != name
        await store.put(f"poems/{name}.txt", f"{name}\n".encode())
        clock[0] += FRESH
        # What is told of all animals does not come before what we have on cats.
        expected = "cat" if name == "animal" else name
        assert (await said("Egyptian cat"))[0] == expected
    assert (await poet.verse("lion", "n02129165")).about == "big-cat"


async def test_a_minute_of_questions_costs_one_list_and_each_file_once(poet, store, clock):
    await store.put("poems/cat.txt", b"one\n\ntwo\n")
    for _ in range(50):
        assert (await poet.verse("tabby", "n02123045")).lines in {("one",), ("two",)}
        await poet.verse("made up " * 20, "../../state/keys.json")
    assert store.asked == ["poems/", "poems/cat.txt"]


@pytest.mark.parametrize("fault", [QueueUnavailable(), ClientError(DENIED, "ListObjectsV2")])
async def test_without_the_store_there_are_ours(poet, store, fault):
    store.away = fault
    for _ in range(5):
        assert (await poet.verse("tabby", "n02123045")).about == "cat"
    assert len(store.asked) == 1


async def test_a_store_that_goes_away_is_not_waited_for_again_and_again(poet, store, clock):
    await store.put("poems/cat.txt", b"theirs")
    await poet.verse("lion", "n02129165")
    store.away = QueueUnavailable()
    for _ in range(5):
        assert (await poet.verse("tabby", "n02123045")).lines != ("theirs",)
    assert store.asked == ["poems/", "poems/cat.txt"]
    store.away = None
    clock[0] += FRESH
    assert (await poet.verse("tabby", "n02123045")).lines == ("theirs",)


async def test_what_an_operator_leaves_there_cannot_flood_the_page(poet, store):
    await store.put("poems/cat.md", b"a\x1b[31mb\xff \n" + b"x" * 3 * LARGEST)
    lines = (await poet.verse("tabby", "n02123045")).lines
    assert lines[0] == "a[31mb�"
    assert max(map(len, lines)) <= anthology.WIDTH
    assert len(anthology.verses("a\n" * 100)[0]) == anthology.LINES


async def test_what_a_bundle_says_of_its_labels_counts(tmp_path, store):
    folder = named_bundle.broken(tmp_path, "pets", "1")
    labels = [
        {"classId": "c0", "name": "Rex", "kind": "beagle/dog"},
        {"classId": "c1", "name": "Tom"},
    ]
    data = json.dumps(labels).encode()
    (folder / "labels.json").write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["labels.json"] = hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    bundled = Bundled(Models(Catalog(tmp_path, "pets")), store)
    assert await bundled.kind("c0", "pets", "1") == "beagle/dog"
    for unknown in (("c1", "pets", "1"), ("c0", "pets", "2"), ("c0", "../pets", "1"), ("", "", "")):
        assert await bundled.kind(*unknown) is None
