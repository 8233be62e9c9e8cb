"""A job that asks for a layer, on its way through the worker."""

import io

import numpy as np
import pytest

from classifier.bundle import Bundle
from classifier.catalog import BUNDLED
from classifier.engines.layers import OpenVinoLayers
from tests.unit.worker.workshop import REPLIES, Workshop
from wire.messages import Job
from wire.names import features_key
from wire.records import Record
from worker.trial import Trial

FOLDER = BUNDLED / "tiny-inception" / "1"
PICTURE = np.arange(64 * 64 * 3).astype(np.uint8).reshape(64, 64, 3)
SMALL, LARGE = "logits", "concatenate_1"  # 0.9 and 197 kB


async def opened() -> Workshop:
    """Its model is the bundled one, and sees one picture in everything."""
    shop = await Workshop().open()
    shop.model.folder = FOLDER
    shop.model.recipe = lambda data: data if data == b"l" else PICTURE
    return shop


async def answered(shop: Workshop, **fields):
    await shop.ask("a", task="features", **fields)
    async with shop.working():
        (answer,) = await shop.answers(1)
    return answer


@pytest.fixture(scope="module")
def engine():
    return OpenVinoLayers.load(Bundle.load(FOLDER))


async def test_a_small_one_is_in_the_answer(engine):
    answer = await answered(await opened(), layer=SMALL)
    given = np.load(io.BytesIO(answer.features.npy))
    np.testing.assert_array_equal(given, engine.activation(PICTURE, SMALL))
    assert (answer.features.layer, answer.features.shape) == (SMALL, (200,))
    assert (answer.result, answer.labels, answer.error) == (None, (), None)
    assert answer.timings.inference_ms > 0


async def test_a_large_one_is_in_the_store_before_its_answer_is_sent(engine):
    shop = await opened()
    answer = await answered(shop, layer=LARGE)
    assert (answer.features.npy, answer.features.key) == (None, features_key("a"))
    given = np.load(io.BytesIO(await shop.store.get(features_key("a"))))
    np.testing.assert_array_equal(given, engine.activation(PICTURE, LARGE))
    kinds = list(shop.effects)
    assert kinds.index("put features") < kinds.index(f"send {REPLIES}"), kinds


async def test_a_message_holds_less_than_200_kb():
    answer = await answered(await opened(), layer="conv2d")  # 131 kB, the most that goes along
    assert answer.features.npy is not None
    assert len(answer.encode()) < 200_000


async def test_the_record_says_which_layer_and_not_what_came_out():
    shop = await opened()
    await answered(shop, layer=SMALL)
    (key,) = await shop.store.keys("records/")
    line = Record.decode((await shop.store.get(key)).strip())
    assert (line.features.layer, line.features.npy, line.features.key) == (SMALL, None, None)


async def test_a_wrong_name_is_refused_before_the_picture_is_fetched():
    shop = await opened()
    answer = await answered(shop, layer="conv_9")
    assert answer.error.code == "layer_not_found"
    assert "concatenate_8" in answer.error.message
    assert not shop.fetched


async def test_a_model_that_is_in_no_folder_has_no_layers():
    answer = await answered(await Workshop().open(), layer=SMALL)
    assert answer.error.code == "no_layers"


async def test_labels_that_are_remembered_are_no_features():
    shop = await opened()
    await shop.ask("l")
    await shop.ask("f", task="features", layer=SMALL, image_url="http://h.test/f")
    async with shop.working():
        found = {answer.uuid: answer for answer in await shop.answers(2)}
    assert found["l"].labels
    assert found["l"].features is None
    assert found["f"].features is not None
    assert not found["f"].labels


async def test_an_accused_picture_is_read_apart():
    """In the process that may die of it, through the same layer."""
    model = (await opened()).model
    assert await Trial()(model, PICTURE, 1, SMALL) == ()
    with pytest.raises(RuntimeError, match="no layer 'conv_9'"):
        await Trial()(model, PICTURE, 1, "conv_9")


def test_a_job_of_before_there_were_layers_reads_as_it_did():
    job = Job(uuid="a", image_url="http://h.test/a", reply_to="r")
    assert (job.task, job.layer) == ("classify", None)
    assert '"layer"' not in job.encode()
