"""A request's body to pictures and options. Pure; everything that is wrong with it is InvalidParameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.routes.sifting import RANGE, sieve
from api.submit import Options
from api.v2 import tensors
from api.v2.documents import INPUTS, MOST, OUTPUTS, InferRequest, Tensor, Wished
from api.v2.png import png
from wire.errors import BodyTooLarge, InvalidParameter, InvalidUrl

JSON_MOST = 8 * 1024 * 1024  # bytes; what is larger belongs into binary tensors
NAMES = tuple(each.name for each in OUTPUTS)
TOP, TOP_MOST = 5, 1000


@dataclass(frozen=True, slots=True)
class Link:
    """A picture by its URL."""

    url: str


@dataclass(frozen=True, slots=True)
class File:
    """A picture's bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture in the store, under the id of the job that it will be."""

    name: str


Picture = Link | File | Kept


@dataclass(frozen=True, slots=True)
class Question:
    """`outputs` says of each output that is wanted whether it shall be binary."""

    id: str | None
    pictures: Sequence[Picture]
    options: Options
    outputs: dict[str, bool]


def read(body: bytes, header: str | None, model: str, version: str | None, most: int) -> Question:
    """What is asked.

    Args:
        body: JSON, and binary tensors after it.
        header: `Inference-Header-Content-Length`: how much of the body is JSON, all where it is left out.
        most: bytes that a picture may have.

    Raises:
        InvalidParameter, InvalidUrl, BodyTooLarge
    """
    asked, rest = _parted(body, header)
    pictures = _pictures(asked.inputs, rest, most)
    return Question(asked.id, pictures, _options(asked.parameters, model, version), _outputs(asked))


def _parted(body: bytes, header: str | None) -> tuple[InferRequest, memoryview]:
    size = len(body)
    if header is not None:
        if not header.isascii() or not header.isdecimal() or int(header[:12]) > size:
            raise InvalidParameter("Inference-Header-Content-Length: how much of the body is JSON.")
        size = int(header)
    if size > JSON_MOST:
        raise BodyTooLarge(f"The JSON has more than {JSON_MOST} bytes; send tensors binary.")
    try:
        asked = InferRequest.model_validate_json(body[:size])
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "body"
        raise InvalidParameter(f"{where}: {fault['msg']}.") from None
    return asked, memoryview(body)[size:]


def _pictures(inputs: Sequence[Tensor], rest: memoryview, most: int) -> list[Picture]:
    if len(inputs) != 1:
        raise InvalidParameter(f"inputs: one of {', '.join(each.name for each in INPUTS)}.")
    tensor = inputs[0]
    about = next((each for each in INPUTS if each.name == tensor.name), None)
    if about is None or about.datatype != tensor.datatype:
        known = ", ".join(f"{each.name} {each.datatype}" for each in INPUTS)
        given = f"{tensor.name[:40]} {tensor.datatype[:10]}"
        raise InvalidParameter(f"inputs: there is no {given}; there are {known}.")
    count = tensor.shape[0] if tensor.shape else 0
    if not 1 <= count <= MOST or min(tensor.shape) < 1:
        raise InvalidParameter(f"{tensor.name}: a shape of 1 to {MOST} pictures.")
    binary = _binary(tensor, rest)
    if tensor.name == "pixels":
        return _drawn(tensor, binary, most)
    return _named(tensor, binary, most)


def _binary(tensor: Tensor, rest: memoryview) -> bytes | None:
    """The tensor's binary data, None where it is in JSON."""
    size = tensor.parameters.get("binary_data_size")
    if "shared_memory_region" in tensor.parameters:
        raise InvalidParameter(f"{tensor.name}: there is no shared memory here.")
    if size is None:
        if tensor.data is None or rest:
            raise InvalidParameter(
                f"{tensor.name}: `data`, or `binary_data_size` and so many bytes after the JSON."
            )
        return None
    if size != len(rest) or isinstance(size, bool) or tensor.data is not None:
        raise InvalidParameter(
            f"{tensor.name}: {len(rest)} bytes come after the JSON; binary_data_size has to say so, and "
            "`data` to be left out."
        )
    return bytes(rest)


def _named(tensor: Tensor, binary: bytes | None, most: int) -> list[Picture]:
    name, data = tensor.name, tensor.data or []
    if name == "url":
        urls = tensors.texts(data, name) if binary is None else _decoded(binary, name)
        tensors.fits(tensor.shape, len(urls), name)
        return [Link(url) for url in urls]
    found = tensors.files(data, name) if binary is None else tensors.elements(binary, name)
    tensors.fits(tensor.shape, len(found), name)
    if any(len(each) > most for each in found):
        raise BodyTooLarge
    return [File(each) for each in found]


def _decoded(binary: bytes, name: str) -> list[str]:
    try:
        return [each.decode() for each in tensors.elements(binary, name)]
    except UnicodeDecodeError:
        raise InvalidUrl from None


def _drawn(tensor: Tensor, binary: bytes | None, most: int) -> list[Picture]:
    name = tensor.name
    if len(tensor.shape) != 4 or tensor.shape[3] != 3:
        raise InvalidParameter(f"{name}: a shape of [n, height, width, 3], RGB.")
    _, height, width, _ = tensor.shape
    size = 3 * height * width
    if size > most:
        raise BodyTooLarge
    data = tensors.octets(tensor.data or [], name) if binary is None else binary
    tensors.fits(tensor.shape, len(data), name)
    view = memoryview(data)
    return [File(png(view[at : at + size], height, width)) for at in range(0, len(data), size)]


def _options(parameters: dict[str, Any], model: str, version: str | None) -> Options:
    top, least = parameters.get("top", TOP), parameters.get("minConfidence", 0.0)
    if not isinstance(top, int) or isinstance(top, bool) or not 1 <= top <= TOP_MOST:
        raise InvalidParameter(f"top: a whole number from 1 to {TOP_MOST}.")
    if not isinstance(least, int | float) or isinstance(least, bool) or not 0 <= least <= 1:
        raise InvalidParameter(RANGE)
    terms = [_terms(parameters.get(name, []), name) for name in ("include", "exclude")]
    return Options(top, model, version, sieve=sieve(float(least), *terms))


def _terms(given: Any, name: str) -> list[str]:
    terms = [given] if isinstance(given, str) else given
    if not isinstance(terms, list) or not all(isinstance(each, str) for each in terms):
        raise InvalidParameter(f"{name}: a label's name or class id, or a list of them.")
    return terms


def _outputs(asked: InferRequest) -> dict[str, bool]:
    usual = asked.parameters.get("binary_data_output", False) is True
    wanted = [Wished(name=name) for name in NAMES] if not asked.outputs else asked.outputs
    for each in wanted:
        if each.name not in NAMES:
            raise InvalidParameter(f"outputs: there are {', '.join(NAMES)}.")
        if "classification" in each.parameters or "shared_memory_region" in each.parameters:
            raise InvalidParameter(
                f"{each.name}: there is no classification extension and no shared memory; the parameter "
                "`top` says how many labels."
            )
    return {each.name: each.parameters.get("binary_data", usual) is True for each in wanted}
