"""Networks of a user's own, in files of every make, with labels and pictures that fit them."""

import numpy as np
import openvino
import pytest
from PIL import Image
from typer.testing import CliRunner

from cli.main import app
from tests.networks import CLASSES, MATRIX, network, write_onnx

COLORS = {
    "red": (250, 100, 100),
    "green": (100, 250, 100),
    "blue": (100, 100, 250),
    "white": (250, 250, 250),
}
SIDE = 8


def models(*arguments, code=0):
    done = CliRunner().invoke(app, ["models", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.output


def write_labels(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("\n".join(COLORS))
    return path


def write_pictures(tmp_path):
    """A folder for each class; of white there is a picture that any network here takes for green."""
    folder = tmp_path / "pictures"
    for name, color in COLORS.items():
        (folder / name).mkdir(parents=True)
        for at in range(3):
            fill = tuple(max(0, value - at) for value in color)
            Image.new("RGB", (40, 30), fill).save(folder / name / f"{at}.png")
    Image.new("RGB", (40, 30), COLORS["green"]).save(folder / "white" / "3.png")
    return folder


def saved_model(path):
    keras = pytest.importorskip("keras")
    pytest.importorskip("tensorflow")
    dense = keras.layers.Dense(CLASSES, use_bias=False)
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), keras.layers.GlobalAveragePooling2D(), dense]
    )
    dense.set_weights([MATRIX])
    model.export(path, verbose=False)
    return path


def tflite(path):
    tensorflow = pytest.importorskip("tensorflow")
    folder = saved_model(path.with_suffix(".folder"))
    path.write_bytes(tensorflow.lite.TFLiteConverter.from_saved_model(str(folder)).convert())
    return path


def onnx(path):
    write_onnx(path)
    return path


def intermediate(path):
    openvino.save_model(network((1, SIDE, SIDE, 3)), path, compress_to_fp16=False)
    return path


def keras_file(path):
    keras = pytest.importorskip("keras")
    dense = keras.layers.Dense(CLASSES, use_bias=False, activation="softmax")
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), keras.layers.GlobalAveragePooling2D(), dense]
    )
    dense.set_weights([MATRIX])
    model.save(path)
    return path


def convolving(path):
    """Colors through a convolution, which int8 is made for."""
    keras = pytest.importorskip("keras")
    color = keras.layers.Conv2D(CLASSES, 1, use_bias=False)
    again = keras.layers.Conv2D(CLASSES, 1, use_bias=False)
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), color, again, keras.layers.GlobalAveragePooling2D()]
    )
    color.set_weights([MATRIX[None, None]])
    again.set_weights([np.eye(CLASSES, dtype=np.float32)[None, None]])
    model.save(path)
    return path
