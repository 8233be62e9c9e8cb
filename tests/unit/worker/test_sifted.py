"""A sieve chooses among all labels, before `top` counts them."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.unit.worker.test_seen import MODEL, parcel
from wire.messages import Label
from wire.sieve import Sieve
from worker.bundled import BundledModel
from worker.models import Wanted
from worker.seen import SeenPictures

NAMES = [SimpleNamespace(name=f"thing {at}, no. {at}", class_id=f"n{at}") for at in range(50)]


def model(scores):
    engine = SimpleNamespace(predict_soon=lambda batch: scores, lanes=1, portion=1)
    manifest = SimpleNamespace(name="m", version="1")
    return BundledModel(SimpleNamespace(labels=NAMES, manifest=manifest), engine)


def found(scores, *wanted):
    rows = model(scores).classify([np.zeros((1, 1, 3))] * len(wanted), wanted)
    return [[(label.class_id, round(label.confidence, 2)) for label in row] for row in rows]


def test_each_picture_of_a_batch_has_its_own_wish():
    scores = np.zeros((4, 50), np.float32)
    scores[:, [7, 3, 40]] = 0.5, 0.3, 0.2
    unlikely = Sieve.of(0.25, [], [])
    assert found(
        scores,
        Wanted(2),
        Wanted(2, unlikely),
        Wanted(5, Sieve.of(0, ["thing 40", "n3"], [])),
        Wanted(1, Sieve.of(0.2, [], ["no. 7"])),
    ) == [
        [("n7", 0.5), ("n3", 0.3)],
        [("n7", 0.5), ("n3", 0.3)],
        [("n3", 0.3), ("n40", 0.2)],
        [("n3", 0.3)],
    ]
    assert found(scores[:1], Wanted(5, Sieve.of(0.6, [], []))) == [[]]
    assert found(scores[:1], Wanted(5, Sieve.of(0, ["nothing"], []))) == [[]]


@pytest.mark.parametrize("seed", range(20))
def test_it_agrees_with_sorting_everything(seed):
    chance = np.random.default_rng(seed)
    scores = chance.dirichlet(np.full(50, 0.1)).astype(np.float32)
    least, top = float(chance.choice([0, 0.01, 0.1])), int(chance.integers(1, 8))
    include = [f"n{at}" for at in chance.integers(0, 50, 5)] if seed % 2 else []
    exclude = [f"thing {at}" for at in chance.integers(0, 50, 5)]
    left = [
        at
        for at in np.argsort(-scores, kind="stable")
        if scores[at] >= least
        and (not include or f"n{at}" in include)
        and f"thing {at}" not in exclude
    ]
    (labels,) = found(scores[None], Wanted(top, Sieve.of(least, include, exclude)))
    assert [name for name, _ in labels] == [f"n{at}" for at in left[:top]]


def label(at, confidence):
    return Label(name=f"thing {at}", class_id=f"n{at}", confidence=confidence)


FIVE = tuple(label(at, confidence) for at, confidence in enumerate((0.5, 0.2, 0.1, 0.05, 0.01)))


@pytest.mark.parametrize(
    ("sieve", "top", "left"),
    [
        (Sieve.of(0.1, [], []), 5, FIVE[:3]),  # what is not known is less likely still
        (Sieve.of(0, [], ["n1"]), 4, (FIVE[0], *FIVE[2:])),
        (Sieve.of(0, [], ["n1"]), 5, None),  # the fifth is not known
        (Sieve.of(0, ["n2"], []), 1, FIVE[2:3]),
        (Sieve.of(0, ["n2"], []), 2, None),  # another label may have that name
        (Sieve.of(0.01, ["n9"], []), 5, None),  # it may be as likely as the last that is known
    ],
)
def test_labels_that_are_remembered_serve_a_sieve_where_they_tell_enough(sieve, top, left):
    seen = SeenPictures(4)
    seen.look(parcel(), MODEL, b"cat").keep(FIVE)
    assert seen.look(parcel(top=top, sieve=sieve), MODEL, b"cat").labels() == left


def test_what_a_sieve_left_is_remembered_for_that_sieve_alone():
    seen, sieve = SeenPictures(4), Sieve.of(0, ["n9"], [])
    seen.look(parcel(sieve=sieve), MODEL, b"cat").keep(())
    assert seen.look(parcel(sieve=sieve), MODEL, b"cat").labels() == ()
    assert seen.look(parcel(), MODEL, b"cat").labels() is None
    assert seen.look(parcel(sieve=Sieve.of(0, ["n8"], [])), MODEL, b"cat").labels() is None
