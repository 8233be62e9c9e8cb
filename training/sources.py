"""Which kind of network a file is, by what is in it; and those that OpenVINO reads by itself."""

import zipfile
from pathlib import Path
from typing import Literal, TypeAlias

import openvino

from training.errors import NotAModel

Kind: TypeAlias = Literal["keras", "savedmodel", "onnx", "tflite", "openvino"]
KINDS = "a Keras file (.keras, .h5), a SavedModel folder, an ONNX, TFLite or OpenVINO (.xml) file"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_TFLITE = b"TFL3"  # behind four bytes


def kind_of(path: Path) -> Kind:
    """What a file or folder is.

    Raises:
        NotAModel: it is none of KINDS, or is not there.
    """
    if path.is_dir():
        if any((path / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt")):
            return "savedmodel"
        raise NotAModel(f"{path} is a folder without saved_model.pb; a network is {KINDS}")
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise NotAModel(f"{path} cannot be read: {error.strerror}") from error
    if head.startswith(_HDF5):
        return "keras"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "config.json" in archive.namelist():
                return "keras"
    if head[4:8] == _TFLITE:
        return "tflite"
    if path.suffix == ".xml" and head.lstrip()[:1] == b"<":
        return "openvino"
    if path.suffix == ".onnx" and head:
        return "onnx"
    raise NotAModel(f"{path} is no network that is read: {KINDS}")


def read(path: Path) -> openvino.Model:
    """A SavedModel, ONNX, TFLite or OpenVINO network.

    Raises:
        NotAModel: it is broken, or of operations that OpenVINO does not know.
    """
    core = openvino.Core()
    core.set_property({"ENABLE_MMAP": False})  # the file may be changed while the network is used
    try:
        return core.read_model(path)
    except RuntimeError as error:
        raise NotAModel(f"{path} cannot be read as a network: {_reason(error)}") from error


def _reason(error: RuntimeError) -> str:
    """OpenVINO's last line that is more than the place in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("Exception from")]
    return (said or lines or ["no reason given"])[0][:300]
