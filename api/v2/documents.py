"""What travels in JSON: the protocol's own names, snake_case."""

from typing import Any

from pydantic import BaseModel, Field, StrictBool

MOST = 16  # pictures in one request
Parameters = dict[str, Any]


class Tensor(BaseModel):
    """An input: `data` in C order, nested or flat; or `binary_data_size` bytes after the JSON."""

    name: str
    shape: list[int] = Field(max_length=8)
    datatype: str
    parameters: Parameters = {}
    data: list[Any] | None = None


class Wished(BaseModel):
    """An output that is asked for; its parameter `binary_data` says how it is to come."""

    name: str
    parameters: Parameters = {}


class InferRequest(BaseModel):
    """One of the inputs `image`, `url` and `pixels`; all outputs where none are named.

    Parameters: `top`, `minConfidence`, `include` and `exclude` as `/classify` has them, and
    `binary_data_output`.
    """

    id: str | None = Field(None, max_length=256)
    parameters: Parameters = {}
    inputs: list[Tensor] = Field(min_length=1, max_length=8)
    outputs: list[Wished] | None = Field(None, max_length=8)


class Output(BaseModel):
    """`label`, `class_id` (BYTES) or `confidence` (FP32), each of shape [n, k]."""

    name: str
    datatype: str
    shape: list[int]
    data: list[Any] | None = None
    parameters: Parameters | None = None


class InferResponse(BaseModel):
    """`parameters.jobs` are the ids of the pictures' jobs, with commas between them."""

    model_name: str
    model_version: str
    id: str | None = None
    parameters: Parameters
    outputs: list[Output]


class TensorAbout(BaseModel):
    """A tensor's name, type and shape; -1 where a length is not fixed."""

    name: str
    datatype: str
    shape: list[int]


class ModelAbout(BaseModel):
    """A model. Of its inputs a request names one."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorAbout]
    outputs: list[TensorAbout]


class ServerAbout(BaseModel):
    """The server, and what it does beside the protocol's core."""

    name: str
    version: str
    extensions: list[str]


class Ready(BaseModel):
    """Of a server or a model; who is not ready answers with an error."""

    ready: StrictBool


class Live(BaseModel):
    """Of a server."""

    live: StrictBool


class Fault(BaseModel):
    """Every error of this protocol: our code, a colon, our message."""

    error: str


INPUTS = [
    TensorAbout(name="image", datatype="BYTES", shape=[-1]),
    TensorAbout(name="url", datatype="BYTES", shape=[-1]),
    TensorAbout(name="pixels", datatype="UINT8", shape=[-1, -1, -1, 3]),
]
OUTPUTS = [
    TensorAbout(name="label", datatype="BYTES", shape=[-1, -1]),
    TensorAbout(name="class_id", datatype="BYTES", shape=[-1, -1]),
    TensorAbout(name="confidence", datatype="FP32", shape=[-1, -1]),
]
