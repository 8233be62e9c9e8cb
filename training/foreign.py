"""A network that others made, as workers serve it: bytes (N, side, side, 3) to probabilities (N, classes)."""

import numpy as np
import openvino
from openvino import Layout, PartialShape, Type
from openvino import opset13 as ops
from openvino.preprocess import ColorFormat, PrePostProcessor

from training.errors import Unservable
from training.pixels import Pixels
from training.shapes import PictureInput, class_count, picture_input

_PASSING = ("Reshape", "Squeeze", "Unsqueeze", "Transpose", "Convert", "FakeQuantize")
_SIGNED_BYTE = Pixels(mean=(128.0, 128.0, 128.0))
OFF = 1e-3  # by which probabilities may miss a sum of 1, and a picture in a batch the same alone


def served(
    network: openvino.Model, pixels: Pixels, side: int | None, output: str | None, where: str
) -> tuple[openvino.Model, int]:
    """The network to serve, and its side in pixels. Softmax is appended where probabilities are not had.

    Args:
        pixels: what the network's numbers are made of bytes by.
        side: where the network leaves it open.
        output: its name, where there are several.
        where: the network's file, for the texts.

    Raises:
        Unservable: there is no way to; the text says why.
    """
    picture = _picture(network, side, where)
    answer = _answer(network, output, where)
    class_count(_lengths(answer.get_partial_shape()), where)
    network = _free(openvino.Model([_real(answer)], network.get_parameters()), picture)
    count = class_count(_lengths(network.output().get_partial_shape()), where)
    network = _fed(network, picture, pixels, where)
    network = _scores(network, count)
    if not _probabilities(network, picture.side, count, where):
        network = _with_softmax(network)
    return network, picture.side


def _picture(network: openvino.Model, side: int | None, where: str) -> PictureInput:
    if len(network.inputs) != 1:
        raise Unservable(f"{where} takes {len(network.inputs)} inputs at once, not one picture")
    return picture_input(_lengths(network.input().get_partial_shape()), side, where)


def _answer(network: openvino.Model, name: str | None, where: str) -> openvino.Output:
    """The wanted output; the only one that is like scores where none is named."""
    named = {known: each for each in network.outputs for known in sorted(each.get_names())}
    if name is not None:
        if name not in named:
            raise Unservable(f"{where} has no output {name!r}; there are: {', '.join(named)}")
        return named[name]
    if len(network.outputs) != 1:
        raise Unservable(
            f"{where} has {len(network.outputs)} outputs, name one: --output NAME of "
            f"{', '.join(named)}"
        )
    return network.output()


def _real(answer: openvino.Output) -> openvino.Output:
    """What a quantized network answers before it is rounded to bytes."""
    source = answer.get_node().input_value(0)
    if source.get_element_type().is_real():
        return source
    while source.get_node().get_type_name() in ("Convert", "FakeQuantize", *_PASSING[:4]):
        source = source.get_node().input_value(0)
        if (
            source.get_element_type().is_real()
            and source.get_node().get_type_name() != "FakeQuantize"
        ):
            return source
    return source


def _free(network: openvino.Model, picture: PictureInput) -> openvino.Model:
    """Takes batches of any size: reshaping to a batch of 1, written as a number, keeps the batch."""
    for node in network.get_ordered_ops():
        if node.get_type_name() == "Reshape":
            _keep_batch(node)
    side = picture.side
    shape = [-1, side, side, 3] if picture.layout == "NHWC" else [-1, 3, side, side]
    network.reshape(PartialShape(shape))
    return network


def _keep_batch(node: openvino.Node) -> None:
    given, pattern = node.input_value(0), node.input_value(1).get_node()
    lengths = given.get_partial_shape()
    if pattern.get_type_name() != "Constant" or not lengths.rank.is_static:
        return
    wanted = [int(each) for each in np.ravel(pattern.get_data())]
    single = len(lengths) > 0 and lengths[0].is_static and lengths[0].get_length() == 1
    if given.get_node().get_type_name() == "Constant" or not single or wanted[:1] != [1]:
        return
    free = ops.reshape(given, ops.constant([0, *wanted[1:]], Type.i64), special_zero=True)
    free.set_friendly_name(node.get_friendly_name())
    openvino.utils.replace_node(node, free)


def _fed(
    network: openvino.Model, picture: PictureInput, pixels: Pixels, where: str
) -> openvino.Model:
    kind = network.input().get_element_type()
    if not kind.is_real():
        if not pixels.plain:
            raise Unservable(
                f"{where} takes bytes and scales them itself: leave out --scale, --mean, "
                "--std and --color"
            )
        pixels = _SIGNED_BYTE if kind == Type.i8 else pixels
    steps = PrePostProcessor(network)
    tensor = steps.input().tensor()
    tensor.set_element_type(Type.u8).set_layout(Layout("NHWC")).set_color_format(ColorFormat.RGB)
    steps.input().model().set_layout(Layout(picture.layout))
    if not pixels.plain:
        _scaled(steps, pixels)
    return steps.build()


def _scaled(steps: PrePostProcessor, pixels: Pixels) -> None:
    way = steps.input().preprocess().convert_element_type(Type.f32)
    if pixels.color == "bgr":
        way.convert_color(ColorFormat.BGR)
    if pixels.scale != 1.0:
        way.scale(pixels.scale)
    way.mean(list(pixels.mean)).scale(list(pixels.std))


def _scores(network: openvino.Model, count: int) -> openvino.Model:
    """Float32 (N, classes) at its only output."""
    answer = _result(network)
    if len(answer.get_partial_shape()) != 2:
        answer = ops.reshape(
            answer, ops.constant([-1, count], Type.i64), special_zero=False
        ).output(0)
    if answer.get_element_type() != Type.f32:
        answer = ops.convert(answer, "f32").output(0)
    return openvino.Model([answer], network.get_parameters())


def _with_softmax(network: openvino.Model) -> openvino.Model:
    return openvino.Model([ops.softmax(_result(network), 1).output(0)], network.get_parameters())


def _probabilities(network: openvino.Model, side: int, count: int, where: str) -> bool:
    """Whether rows sum to 1, by running it; raises Unservable where it does not run as it should."""
    node = _result(network).get_node()
    while node.get_type_name() in _PASSING:
        node = node.input_value(0).get_node()
    if node.get_type_name() == "Sigmoid":
        raise Unservable(f"{where} judges each class by itself (sigmoid), not which one it is")
    rows = _probe(network, side, where)
    if rows.shape[1] != count:
        raise Unservable(f"{where} answers two pictures with {rows.shape}, not (2, {count})")
    certain = node.get_type_name() == "Softmax"
    return certain or bool((rows >= 0).all() and np.abs(rows.sum(axis=1) - 1).max() < OFF)


def _probe(network: openvino.Model, side: int, where: str) -> np.ndarray:
    """Float32 (2, classes) of two pictures of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (2, side, side, 3), dtype=np.uint8)
    try:
        options = {"INFERENCE_PRECISION_HINT": "f32"}
        run = openvino.Core().compile_model(network, "CPU", options)
        rows, alone = np.array(run(noise)[0]), np.array(run(noise[:1])[0])
    except RuntimeError as error:
        raise Unservable(f"{where} does not run on a batch of two pictures: {error}") from error
    if rows.shape[0] != 2 or np.abs(rows[:1] - alone).max() > OFF * max(1.0, np.abs(alone).max()):
        raise Unservable(f"{where} answers a picture otherwise when another one is beside it")
    if not np.isfinite(rows).all():
        raise Unservable(f"{where} answers with values that are no numbers; is --scale right?")
    return rows


def _result(network: openvino.Model) -> openvino.Output:
    return network.get_results()[0].input_value(0)


def _lengths(shape: PartialShape) -> list[int | None]:
    if not shape.rank.is_static:
        return []
    return [length.get_length() if length.is_static else None for length in shape]
