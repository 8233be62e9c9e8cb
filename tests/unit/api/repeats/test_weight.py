"""What is remembered takes the bytes that it is counted with."""

import random
import tracemalloc

import pytest

from api.repeats.asked import Asked
from api.repeats.memory import Memory
from wire.messages import Answer, Label, Timings

ROOM = 2 * 1024 * 1024
CLASSES = [(f"thing number {i} or so", f"n{i:08}") for i in range(1000)]


def answered(number, url, labels, chance, classes):
    """An answer as it comes from its queue."""
    named = chance.sample(classes, labels) if classes else None
    named = named or [(f"thing {number} {i}", f"n{number:06}{i:04}") for i in range(labels)]
    labels = tuple(Label(name=n, class_id=c, confidence=chance.random()) for n, c in named)
    times = {name: chance.random() for name in Timings.model_fields}
    answer = Answer(
        uuid=f"{number:036}",
        image_url=url,
        result=labels[0].name,
        labels=labels,
        model="inception-v3",
        model_version="1",
        timings=Timings(**times),
    )
    return Answer.decode(answer.encode())


def filled(url, labels=5, classes=CLASSES):
    """Bytes that a memory takes that is full, and how many answers it holds."""
    chance = random.Random(7)
    # What is made once for all, and is no answer's.
    answered(0, "https://example.com/", labels, chance, classes).public_json()
    tracemalloc.start()
    try:
        memory = Memory(60.0, 1_000_000, ROOM, clock=lambda: 0.0)
        number = 0
        while len(memory) == number:
            name = url.format(number)
            group = f"address-{number:032x}"
            answer = answered(number, name, labels, chance, classes)
            # Another text of the same letters, as a request's own is.
            own = name.encode().decode()
            memory.keep(Asked(group, own, None, None, labels), answer, number + 0.5)
            answer.public_json()  # it is sent then
            number += 1
        del answer, name, own, group
        return tracemalloc.get_traced_memory()[0], len(memory)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/{}.jpg",
        "https://example.com/{}/" + "a" * 2000,
        "https://example.com/{}/" + "\u00e9" * 1000,
        "https://example.com/{}/" + "\u732b" * 680,
        "https://example.com/{}/" + "\U0001f600" * 505,
        "https://example.com/{}/\U0001f600" + "a" * 2000,
    ],
)
@pytest.mark.parametrize("labels", [1, 5])
def test_the_room_is_kept_within_a_tenth(url, labels):
    taken, answers = filled(url, labels)
    assert answers > 100
    assert 0.9 * ROOM <= taken <= 1.1 * ROOM


@pytest.mark.parametrize("classes", [CLASSES, None])
def test_many_labels_take_no_more_room_and_little_less(classes):
    """Their names are mostly one text for all answers, which is not counted on."""
    taken, _ = filled("https://example.com/{}.jpg", 100, classes)
    assert 0.75 * ROOM <= taken <= 1.1 * ROOM


def test_a_url_is_held_once():
    memory = Memory(60.0, 10)
    url = "https://example.com/cat.jpg"
    answer = answered(1, url, 1, random.Random(7), CLASSES)
    memory.keep(Asked(None, url.encode().decode(), None, None, 1), answer, 1.0)
    (asked,) = memory._kept
    assert asked.url is answer.image_url
