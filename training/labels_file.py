"""A network's classes from a file: lines, or one of the JSON forms in use."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from classifier.classes import ClassName
from training.errors import LabelsUnfit

_WNID = re.compile(r"(n\d{8})[\s,:]+(\S.*)")
FORMS = (
    "a name a line, a JSON list of names or of {classId, name}, "
    'or {"0": ["n01440764", "tench"], ...}'
)


def read(path: Path, classes: int) -> tuple[ClassName, ...]:
    """The classes in the order of the network's outputs.

    Of synonyms, `tench, Tinca tinca`, the first is shown. A line may begin with a WordNet id, which is then
    the class's id; a class without an id has its place as one.

    Raises:
        LabelsUnfit: the file is none of FORMS, or has not as many entries as the network has outputs.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsUnfit(f"{path} cannot be read as labels: {error}") from error
    try:
        names = _json(json.loads(text)) if text.lstrip()[:1] in "[{" else _lines(text)
    except (ValueError, TypeError, LookupError, ValidationError) as error:
        raise LabelsUnfit(f"{path} is no file of labels; one has {FORMS} ({error})") from error
    _check(path, names, classes)
    return names


def numbered(classes: int) -> tuple[ClassName, ...]:
    """For a network that nobody has named the classes of."""
    return tuple(ClassName(class_id=str(at), name=f"class {at}") for at in range(classes))


def document(names: tuple[ClassName, ...]) -> bytes:
    """labels.json."""
    entries = [name.model_dump(by_alias=True, exclude_none=True) for name in names]
    return json.dumps(entries, indent=1, ensure_ascii=False).encode()


def _check(path: Path, names: tuple[ClassName, ...], classes: int) -> None:
    if len(names) != classes:
        hint = ""
        if len(names) + 1 == classes:
            hint = ". Networks that know a background have it first: a line `background`?"
        raise LabelsUnfit(
            f"{path} names {len(names)} classes and the network has {classes} outputs{hint}"
        )
    again = [each for each, times in Counter(name.class_id for name in names).items() if times > 1]
    if again:
        raise LabelsUnfit(f"{path} gives the class id {again[0]} more than once")


def _lines(text: str) -> tuple[ClassName, ...]:
    lines = text.rstrip().splitlines()
    return tuple(_named(at, line.strip()) for at, line in enumerate(lines))


def _json(found: Any) -> tuple[ClassName, ...]:
    """A list, or a table from the places of the outputs."""
    if isinstance(found, dict):
        ordered = sorted(found.items(), key=lambda entry: int(entry[0]))
        if [int(place) for place, _ in ordered] != list(range(len(ordered))):
            raise ValueError("its places are not 0, 1, 2 and so on")
        found = [value for _, value in ordered]
    return tuple(_entry(at, each) for at, each in enumerate(found))


def _entry(at: int, entry: Any) -> ClassName:
    if isinstance(entry, str):
        return _named(at, entry)
    if isinstance(entry, dict):
        return ClassName.model_validate(entry)
    wnid, name = entry
    return ClassName(class_id=_text(wnid), name=_text(name).replace("_", " "))


def _named(at: int, text: str) -> ClassName:
    known = _WNID.fullmatch(text)
    class_id, names = known.groups() if known else (str(at), text)
    name = names.split(",")[0].strip()
    if not name:
        raise ValueError(f"entry {at + 1} has no name")
    return ClassName(class_id=class_id, name=name)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
