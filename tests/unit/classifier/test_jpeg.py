"""JPEGs decoded straight into an array are those that Pillow decodes, and are refused with the same words."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from classifier import jpeg, preprocess
from classifier.errors import ClassifierError
from classifier.manifest import Preprocessing
from classifier.plain import scanned, told
from classifier.preprocess import ImageLimits, decode, prepare
from tests import color_profiles

LIMITS = ImageLimits()
SUBSAMPLINGS = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
sides = st.integers(1, 120) | st.sampled_from([500, 1000, 3000])


def picture(width, height, seed, gray=False):
    """Clouds with grain, which is what photos are to a decoder."""
    random = np.random.default_rng(seed)
    shape = (max(1, height // 16), max(1, width // 16), 3)
    clouds = Image.fromarray(random.integers(0, 256, shape, np.uint8)).resize((width, height))
    grain = random.integers(-12, 12, (height, width, 1))
    found = Image.fromarray(np.clip(np.asarray(clouds) + grain, 0, 255).astype(np.uint8))
    return found.convert("L") if gray else found


def saved(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


@st.composite
def files(draw):
    width, height = draw(sides), draw(sides)
    if width * height > 1_500_000:
        width = 500
    image = picture(width, height, draw(st.integers(0, 9)), draw(st.booleans()))
    options = {} if image.mode == "L" else {"subsampling": draw(st.sampled_from([0, 1, 2]))}
    return saved(
        image,
        quality=draw(st.integers(5, 100)),
        progressive=draw(st.booleans()),
        restart_marker_blocks=draw(st.sampled_from([0, 3])),
        **options,
    )


def opened(data):
    return Image.open(io.BytesIO(data))


def by_pillow(data, spec, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(preprocess.jpeg, "pixels", lambda *_: None)
        return prepare(data, spec, LIMITS)


@settings(max_examples=60, deadline=None)
@given(files())
def test_every_pixel_is_the_one_that_pillow_decodes(data):
    own = jpeg.pixels(data, told(data, opened(data)), 10**6)
    theirs = np.asarray(opened(data))
    assert np.array_equal(own, theirs if theirs.ndim == 3 else theirs[:, :, None])


@settings(max_examples=40, deadline=None)
@given(files(), st.sampled_from([8, 32, 64, 299]))
def test_a_fraction_of_the_size_is_enough_and_is_pillows(data, enough):
    image = opened(data)
    own = jpeg.pixels(data, told(data, image), enough)
    shorter = min(image.size)
    assert min(own.shape[:2]) >= min(shorter, enough)
    if shorter >= 2 * enough:
        assert min(own.shape[:2]) <= -(-shorter // 2)
        shrink = next(each for each in (8, 4, 2) if shorter // each >= enough)
        image.draft(None, (image.width // shrink, image.height // shrink))
        theirs = np.asarray(image)
        assert np.array_equal(own, theirs if theirs.ndim == 3 else theirs[:, :, None])


@pytest.fixture(scope="module")
def patcher():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@settings(max_examples=60, deadline=None)
@given(files(), st.sampled_from([None, 32, 40]), st.sampled_from(["bilinear", "nearest"]))
def test_the_square_is_near_the_one_that_pillow_makes(patcher, data, resize, how):
    """Exactly the same where nothing is weighed; a softer picture of the same elsewhere."""
    spec = Preprocessing(side=32, resize=resize, interpolation=how)
    own, theirs = prepare(data, spec, LIMITS), by_pillow(data, spec, patcher)
    assert (own.shape, own.dtype, own.flags.c_contiguous) == ((32, 32, 3), np.uint8, True)
    if how == "nearest":
        assert np.array_equal(own, theirs)
    else:
        assert np.abs(own.astype(int) - theirs).mean() < 16


@pytest.mark.parametrize("subsampling", SUBSAMPLINGS.values(), ids=SUBSAMPLINGS)
@pytest.mark.parametrize("quality", [30, 75, 100])
@pytest.mark.parametrize("how", ["bilinear", "nearest"])
def test_a_picture_of_the_networks_size_passes_as_pillow_decodes_it(subsampling, quality, how):
    """What a network was trained on is what it is served: no shortcut in transform or upsampling."""
    data = saved(picture(64, 64, 1), quality=quality, subsampling=subsampling)
    spec = Preprocessing(side=64, interpolation=how)
    assert np.array_equal(prepare(data, spec, LIMITS), np.asarray(opened(data)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("how", ["bilinear", "nearest"])
@pytest.mark.parametrize("resize", [None, 40])
def test_turned_pictures_become_upright_like_pillows(orientation, how, resize, monkeypatch):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(picture(61, 47, 3), exif=exif, quality=95)
    spec = Preprocessing(side=32, resize=resize, interpolation=how)
    assert opened(data).getexif()[0x0112] == orientation
    off = np.abs(prepare(data, spec, LIMITS).astype(int) - by_pillow(data, spec, monkeypatch))
    assert off.mean() < 10
    others = [np.rot90(prepare(data, spec, LIMITS), turns) for turns in (1, 2, 3)]
    worse = by_pillow(data, spec, monkeypatch).astype(int)
    assert all(np.abs(each - worse).mean() > 1.5 * off.mean() for each in others)


@pytest.mark.parametrize("gray", [False, True])
def test_color_profiles_are_obeyed_like_pillows(gray, monkeypatch):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wide = color_profiles.gray(1.0) if gray else color_profiles.rgb(color_profiles.SRGB, 1.0)
    spec = Preprocessing(side=32, interpolation="nearest")
    shown = {}
    for name, profile in {"none": None, "srgb": srgb, "linear": wide}.items():
        data = saved(picture(32, 32, 4, gray), icc_profile=profile, quality=95)
        shown[name] = prepare(data, spec, LIMITS)
        assert np.abs(shown[name].astype(int) - by_pillow(data, spec, monkeypatch)).max() <= 1
    assert np.array_equal(shown["none"], shown["srgb"])
    assert np.abs(shown["none"].astype(int) - shown["linear"]).mean() > 10


def test_what_is_shrunk_by_more_than_a_half_is_averaged():
    board = np.indices((64, 640)).sum(axis=0) % 2 * 255
    data = saved(Image.fromarray(board.astype(np.uint8)), quality=100)
    square = prepare(data, Preprocessing(side=64, interpolation="bilinear"), LIMITS)
    assert square.std() < 40, "one in ten columns would be black or white"


@pytest.mark.parametrize("mode", ["CMYK", "MPO"])
def test_inks_and_several_pictures_are_left_to_pillow(mode):
    buffer = io.BytesIO()
    first = picture(64, 48, 5)
    if mode == "CMYK":
        first.convert("CMYK").save(buffer, "JPEG")
    else:
        first.save(buffer, "MPO", save_all=True, append_images=[first])
    image = opened(buffer.getvalue())
    assert told(buffer.getvalue(), image) is scanned(buffer.getvalue(), LIMITS) is None
    assert decode(buffer.getvalue(), LIMITS).size == (64, 48)


def test_a_header_that_two_readers_read_differently_is_left_to_pillow():
    data = saved(picture(64, 48, 5))
    assert told(data, opened(data)) is not None
    assert told(data, opened(saved(picture(48, 64, 5)))) is None
    assert told(data, opened(saved(picture(64, 48, 5, gray=True)))) is None


@st.composite
def damaged(draw):
    data = bytearray(draw(files()))
    if draw(st.booleans()):
        return bytes(data[: draw(st.integers(3, len(data) - 1))])
    for _ in range(draw(st.integers(1, 6))):
        data[draw(st.integers(2, len(data) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(data)


def outcome(prepared):
    try:
        return prepared(), None
    except ClassifierError as error:
        return None, (type(error), str(error))


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_damaged_files_are_refused_where_pillow_refuses_them_and_in_its_words(patcher, data):
    spec = Preprocessing(side=32, interpolation="nearest")
    own, refusal = outcome(lambda: prepare(data, spec, LIMITS))
    theirs, theirs_refusal = outcome(lambda: by_pillow(data, spec, patcher))
    assert refusal == theirs_refusal
    assert own is None or np.array_equal(own, theirs)


@pytest.mark.parametrize("sampling", [0x14, 0x41])
def test_a_sampling_that_the_fast_decoder_cannot_name_is_left_to_pillow(sampling) -> None:
    """4:4:1 and 4:1:1 have as many blocks in a unit as 4:2:0 has, and all of one color are alike."""
    data = bytearray(saved(Image.new("RGB", (128, 128), (30, 90, 200)), subsampling=2))
    start = data.find(b"\xff\xc0")
    assert data[start + 11] == 0x22
    data[start + 11] = sampling
    spec = Preprocessing(side=32, interpolation="bilinear")
    square = prepare(bytes(data), spec, LIMITS)
    assert np.abs(square[16, 16].astype(int) - (30, 90, 200)).max() <= 3
