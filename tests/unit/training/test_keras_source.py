"""Keras files as bundles hold them: bytes of 0..255 to logits, the layers side by side."""

import zipfile

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training import keras_source  # noqa: E402
from training.errors import NotAModel, Unservable  # noqa: E402
from training.pixels import Pixels  # noqa: E402

PLAIN = Pixels()
PICTURES = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3)).astype(np.float32)


def small(ending="softmax", shape=(8, 8, 3)):
    inputs = keras.Input(shape)
    x = keras.layers.Conv2D(5, 3, activation="relu", name="seen")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    if ending == "layer":
        x = keras.layers.Softmax()(keras.layers.Dense(4)(x))
    elif ending == "activation":
        x = keras.layers.Activation("softmax")(keras.layers.Dense(4)(x))
    elif ending == "op":
        x = keras.ops.softmax(keras.layers.Dense(4)(x))
    else:
        x = keras.layers.Dense(4, activation=ending)(x)
    return keras.Model(inputs, x)


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("ending", ["softmax", "layer", "activation", "op", None])
def test_logits_are_had_however_it_ends(tmp_path, ending):
    model = small(ending)
    wanted = model.predict_on_batch(PICTURES / 255)
    if ending is None:
        wanted = softmax(wanted)
    made = keras_source.logits_network(model, Pixels(scale=255.0), None, "x")
    made.save(tmp_path / "model.keras")  # as the bundle holds it
    found = softmax(keras_source.read(tmp_path / "model.keras").predict_on_batch(PICTURES))
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert "seen" in {layer.name for layer in made.layers}


def test_a_sequence_with_numbers_of_its_own():
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Softmax(),
        ]
    )
    pixels = Pixels(2.0, (1.0, 2.0, 3.0), (0.5, 0.25, 2.0), "bgr")
    numbers = (PICTURES[..., ::-1] / 2.0 - [1.0, 2.0, 3.0]) / [0.5, 0.25, 2.0]
    wanted = model.predict_on_batch(numbers.astype(np.float32))
    with pytest.raises(Unservable, match="any size"):
        keras_source.logits_network(model, pixels, None, "x")
    made = keras_source.logits_network(model, pixels, 8, "x")
    np.testing.assert_allclose(softmax(made.predict_on_batch(PICTURES)), wanted, atol=1e-5)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_both_kinds_of_files_are_read(tmp_path, suffix):
    path = tmp_path / f"model.{suffix}"
    model = small()
    model.save(path)
    np.testing.assert_allclose(
        keras_source.read(path).predict_on_batch(PICTURES),
        model.predict_on_batch(PICTURES),
        atol=1e-6,
    )


def test_a_file_of_weights_alone_says_what_to_do(tmp_path):
    path = tmp_path / "w.weights.h5"
    small().save_weights(path)
    with pytest.raises(NotAModel, match=r"w\.weights\.h5 is no Keras model.*weights alone"):
        keras_source.read(path)


def test_weights_of_another_architecture_are_refused(tmp_path):
    path = tmp_path / "w.weights.h5"
    small().save_weights(path)
    other = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 5)])
    with pytest.raises(NotAModel, match=r"w\.weights\.h5 holds no weights of"):
        keras_source.load_weights(other, path)


def test_code_in_a_file_is_not_run(tmp_path):
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2)(inputs))
    model.save(tmp_path / "model.keras")
    with pytest.raises(NotAModel, match="Lambda"):
        keras_source.read(tmp_path / "model.keras")


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(NotAModel, match=r"model\.keras is no Keras model"):
        keras_source.read(path)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lambda: small("sigmoid"), "sigmoid"),
        (lambda: small(shape=(8, 8, 7)), "no axis of 3 colors"),
        (lambda: small(shape=(8, 9, 3)), "only squares"),
        (
            lambda: keras.Sequential([keras.Input((12,)), keras.layers.Dense(4)]),
            "no batch of pictures",
        ),
        (lambda: keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3)]), "no score"),
    ],
)
def test_what_cannot_be_served_is_refused_by_the_file_s_name(model, said):
    with pytest.raises(Unservable, match=said) as refused:
        keras_source.logits_network(model(), PLAIN, None, "net.keras")
    assert "net.keras" in str(refused.value)
