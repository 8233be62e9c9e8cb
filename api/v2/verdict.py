"""Answers of jobs to the protocol's outputs. Pure."""

from collections.abc import Sequence
from typing import Any

from api.v2 import tensors
from api.v2.documents import OUTPUTS, InferResponse, Output
from wire.messages import Answer, Label

NOTHING = Label(name="", class_id="", confidence=0.0)  # where a row is shorter than the longest
JSON, BINARY = "application/json", "application/octet-stream"
LENGTH = "Inference-Header-Content-Length"


def written(
    answers: Sequence[Answer], outputs: dict[str, bool], name: str, id_: str | None
) -> tuple[bytes, dict[str, str]]:
    """A response's body and headers.

    Args:
        answers: one a picture, with labels.
        outputs: those that are wanted, and whether binary.
        name: the model that was asked.
        id_: the request's own.
    """
    rows = _rows(answers)
    shape = [len(rows), len(rows[0])]
    made, tail = [], []
    for output, binary in outputs.items():
        about = next(each for each in OUTPUTS if each.name == output)
        values = [
            getattr(label, "name" if output == "label" else output) for row in rows for label in row
        ]
        tensor = Output(name=output, datatype=about.datatype, shape=shape)
        if binary:
            data = _packed(about.datatype, values)
            tail.append(data)
            made.append(tensor.model_copy(update={"parameters": {"binary_data_size": len(data)}}))
        else:
            made.append(tensor.model_copy(update={"data": values}))
    head = InferResponse(
        model_name=name,
        model_version=answers[0].model_version or "",
        id=id_,
        parameters={"jobs": ",".join(each.uuid for each in answers)},
        outputs=made,
    )
    text = head.model_dump_json(exclude_none=True).encode()
    if not tail:
        return text, {"content-type": JSON}
    return b"".join([text, *tail]), {"content-type": BINARY, LENGTH: str(len(text))}


def _rows(answers: Sequence[Answer]) -> list[list[Label]]:
    """As many labels of each, padded where a sieve left some pictures fewer than others."""
    longest = max(len(each.labels) for each in answers)
    return [[*each.labels, *[NOTHING] * (longest - len(each.labels))] for each in answers]


def _packed(datatype: str, values: list[Any]) -> bytes:
    return tensors.packed(values) if datatype == "BYTES" else tensors.floats(values)
