"""Good pictures of odd kinds, each made from an ordinary RGB picture, and what each should look like.

`make(base)` gives a file's bytes, `twin(base)` the plain RGB picture that it is to be classified like.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tests import color_profiles as profiles
from tests.odd_files import adobe_cmyk, naive_cmyk, plain_cmyk, png, saved, ycck

ORIENTATION = 0x0112
# The samples, at sizes at which the bundled model is sure enough of most kinds; where its two best are closer
# than a tie, either will do.
PHOTOS = {"chelsea.jpg": (300, 200), "coffee.jpg": (300, 240)}
TIE = 0.06
T = Image.Transpose
# What was done to a picture that is stored under an orientation; undoing it turns it upright.
STORED = {
    1: None,
    2: T.FLIP_LEFT_RIGHT,
    3: T.ROTATE_180,
    4: T.FLIP_TOP_BOTTOM,
    5: T.TRANSPOSE,
    6: T.ROTATE_90,
    7: T.TRANSVERSE,
    8: T.ROTATE_270,
}


def named_alike(found: str, best: str, second: str, lead: float) -> bool:
    """Whether a picture is named as its twin is, whose two best names are `lead` apart (0 to 1)."""
    return found in ({best, second} if lead < TIE else {best})


@dataclass(frozen=True)
class Odd:
    """One kind of picture."""

    make: Callable[[Image.Image], bytes]
    twin: Callable[[Image.Image], Image.Image] = lambda base: base


def pictures(base: Image.Image) -> dict[str, bytes]:
    """Every kind by its name, made from an RGB picture."""
    return {name: odd.make(base) for name, odd in KINDS.items()}


def _turned(orientation: int, kind: str = "JPEG") -> Callable[[Image.Image], bytes]:
    def make(base: Image.Image) -> bytes:
        how = STORED[orientation]
        stored = base if how is None else base.transpose(how)
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        return saved(stored, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))

    return make


def _deep(picture: Image.Image, seed: int = 3) -> np.ndarray:
    """16-bit samples (H, W, channels) whose lower halves are noise."""
    samples = np.asarray(picture, np.uint16)
    samples = samples if samples.ndim == 3 else samples[..., None]
    noise = np.random.default_rng(seed).integers(0, 256, samples.shape, np.uint16)
    return samples * 256 + noise


def hollow(base: Image.Image) -> Image.Image:
    """RGBA: a corner is transparent and hides what is not to be seen; its edge is half transparent."""
    width, height = base.size
    alpha = np.full((height, width), 255, np.uint8)
    alpha[: height // 3, : width // 3] = 128
    alpha[: height // 4, : width // 4] = 0
    pixels = np.array(base)
    hidden = pixels[: height // 4, : width // 4]
    hidden[:] = np.random.default_rng(5).integers(0, 256, hidden.shape, np.uint8)
    return Image.fromarray(np.dstack([pixels, alpha]))


def on_white(picture: Image.Image) -> Image.Image:
    """A picture with transparency over white, by the definition of it."""
    pixels = np.asarray(picture.convert("RGBA"), float)
    share = pixels[..., 3:] / 255
    mixed = pixels[..., :3] * share + 255 * (1 - share)
    return Image.fromarray(np.round(mixed).astype(np.uint8))


def _hollow_gray(base: Image.Image) -> Image.Image:
    pixels = np.asarray(hollow(base))
    gray = np.asarray(Image.fromarray(np.ascontiguousarray(pixels[..., :3])).convert("L"))
    return Image.fromarray(np.dstack([gray, pixels[..., 3]]), "LA")


def _gray(base: Image.Image) -> Image.Image:
    return base.convert("L").convert("RGB")


def _palette(base: Image.Image) -> Image.Image:
    """128 colors, and a corner of the 128th."""
    picture = base.quantize(128)
    width, height = base.size
    pixels = np.array(picture)
    pixels[: height // 4, : width // 4] = 128
    made = Image.fromarray(pixels, "P")
    made.putpalette(picture.getpalette()[: 3 * 128] + [10, 200, 30])
    return made


def _palette_twin(base: Image.Image) -> Image.Image:
    made = _palette(base)
    flat = np.array(made.convert("RGB"))
    flat[np.asarray(made) == 128] = 255
    return Image.fromarray(flat)


def _frames(kind: str, **options) -> Callable[[Image.Image], bytes]:
    def make(base: Image.Image) -> bytes:
        others = [Image.new("RGB", base.size, color) for color in ("black", "lime")]
        return saved(base, kind, save_all=True, append_images=others, duration=100, **options)

    return make


def _profiled(primaries: np.ndarray, kind: str = "PNG", **options) -> Callable[..., bytes]:
    def make(base: Image.Image) -> bytes:
        stored = Image.fromarray(profiles.into(np.asarray(base), primaries))
        return saved(stored, kind, icc_profile=profiles.rgb(primaries), **options)

    return make


def _profiled_cmyk(base: Image.Image) -> bytes:
    cyan, magenta, yellow, black = naive_cmyk(base).split()
    stored = Image.merge("CMYK", (yellow, cyan, magenta, black))
    profile = profiles.cmyk((2, 0, 1, 3))
    return saved(stored, "JPEG", quality=95, icc_profile=profile)


def _profiled_gray(base: Image.Image) -> bytes:
    gray = np.asarray(base.convert("L"), float) / 255
    stored = np.round(gray**2.2 * 255).astype(np.uint8)
    return saved(Image.fromarray(stored), "PNG", icc_profile=profiles.gray(1.0))


def _with_thumbnail(base: Image.Image) -> bytes:
    """A TIFF whose second directory says of itself that it is a small version of the first."""
    small = base.resize((32, 32))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    return saved(base, "TIFF", save_all=True, append_images=[small])


def _strip(width: int, height: int) -> Callable[[Image.Image], Image.Image]:
    return lambda base: base.resize((width, height))


def _paletted(base: Image.Image) -> Image.Image:
    return base.quantize(256).convert("RGB")


def _dithered(base: Image.Image) -> Image.Image:
    return base.convert("1").convert("RGB")


def _like(kind: str, mode: str = "RGB", **options) -> Callable[[Image.Image], bytes]:
    return lambda base: saved(base.convert(mode), kind, **options)


SWAPPED = profiles.SRGB[:, profiles.SWAP]

KINDS: dict[str, Odd] = {
    "cmyk-jpeg-of-adobe": Odd(adobe_cmyk),
    "cmyk-jpeg-plain": Odd(plain_cmyk),
    "ycck-jpeg": Odd(ycck),
    "cmyk-tiff": Odd(lambda base: saved(naive_cmyk(base), "TIFF")),
    "progressive-jpeg": Odd(_like("JPEG", quality=95, progressive=True)),
    "gray-jpeg": Odd(_like("JPEG", "L", quality=95), _gray),
    "jpeg-444": Odd(_like("JPEG", quality=95, subsampling=0)),
    "jpeg-with-restarts": Odd(_like("JPEG", quality=95, restart_marker_blocks=4)),
    "rgb-jpeg": Odd(_like("JPEG", quality=95, keep_rgb=True)),
    "mpo": Odd(_frames("MPO", quality=95)),
    "broken-exif": Odd(_like("JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\xff\1")),
    "broken-exif-png": Odd(_like("PNG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")),
    "gray-16-png": Odd(lambda base: png(_deep(base.convert("L")), 16), _gray),
    "gray-alpha-16-png": Odd(
        lambda base: png(_deep(_hollow_gray(base)), 16), lambda base: on_white(_hollow_gray(base))
    ),
    "rgb-16-png": Odd(lambda base: png(_deep(base), 16)),
    "rgba-16-png": Odd(
        lambda base: png(_deep(hollow(base)), 16), lambda base: on_white(hollow(base))
    ),
    "gray-16-tiff": Odd(
        lambda base: saved(Image.fromarray(_deep(base.convert("L"))[..., 0]), "TIFF"), _gray
    ),
    "one-bit-png": Odd(_like("PNG", "1"), _dithered),
    "one-bit-tiff": Odd(_like("TIFF", "1", compression="group4"), _dithered),
    "gray-png": Odd(_like("PNG", "L"), _gray),
    "gray-alpha-png": Odd(
        lambda base: saved(_hollow_gray(base), "PNG"), lambda base: on_white(_hollow_gray(base))
    ),
    "palette-png": Odd(lambda base: saved(base.quantize(256), "PNG"), _paletted),
    "palette-of-16-png": Odd(
        lambda base: saved(base.quantize(16), "PNG", bits=4),
        lambda base: base.quantize(16).convert("RGB"),
    ),
    "palette-one-transparent-png": Odd(
        lambda base: saved(_palette(base), "PNG", transparency=128), _palette_twin
    ),
    "palette-with-alphas-png": Odd(
        lambda base: saved(_palette(base), "PNG", transparency=b"\xff" * 128 + b"\0"),
        _palette_twin,
    ),
    "palette-transparent-gif": Odd(
        lambda base: saved(_palette(base), "GIF", transparency=128), _palette_twin
    ),
    "rgba-png": Odd(lambda base: saved(hollow(base), "PNG"), lambda base: on_white(hollow(base))),
    "rgba-tiff": Odd(lambda base: saved(hollow(base), "TIFF"), lambda base: on_white(hollow(base))),
    "interlaced-png": Odd(lambda base: png(np.asarray(base), interlaced=True)),
    "interlaced-rgba-png": Odd(
        lambda base: png(np.asarray(hollow(base)), interlaced=True),
        lambda base: on_white(hollow(base)),
    ),
    "webp": Odd(_like("WEBP", quality=95)),
    "lossless-webp": Odd(_like("WEBP", lossless=True, quality=10)),
    "webp-with-alpha": Odd(
        lambda base: saved(hollow(base), "WEBP", quality=95), lambda base: on_white(hollow(base))
    ),
    "animated-webp": Odd(_frames("WEBP", quality=95)),
    "animated-gif": Odd(_frames("GIF"), _paletted),
    "animated-png": Odd(_frames("PNG")),
    "bmp": Odd(_like("BMP")),
    "palette-bmp": Odd(lambda base: saved(base.quantize(256), "BMP"), _paletted),
    "avif": Odd(_like("AVIF", quality=90, speed=10)),
    "avif-with-alpha": Odd(
        lambda base: saved(hollow(base), "AVIF", quality=90, speed=10),
        lambda base: on_white(hollow(base)),
    ),
    "animated-avif": Odd(_frames("AVIF", quality=90, speed=10)),
    "lzw-tiff": Odd(_like("TIFF", compression="tiff_lzw")),
    "jpeg-tiff": Odd(_like("TIFF", compression="jpeg", quality=95)),
    "zstd-tiff": Odd(_like("TIFF", compression="zstd")),
    "tiff-with-thumbnail": Odd(_with_thumbnail),
    "wide-gamut-png": Odd(_profiled(profiles.WIDE)),
    "swapped-channels-png": Odd(_profiled(SWAPPED)),
    "swapped-channels-jpeg": Odd(_profiled(SWAPPED, "JPEG", quality=95, subsampling=0)),
    "swapped-channels-webp": Odd(_profiled(SWAPPED, "WEBP", lossless=True, quality=10)),
    "swapped-channels-tiff": Odd(_profiled(SWAPPED, "TIFF")),
    "swapped-channels-avif": Odd(_profiled(SWAPPED, "AVIF", quality=95, speed=10)),
    "cmyk-jpeg-with-profile": Odd(_profiled_cmyk),
    "gray-png-with-profile": Odd(_profiled_gray, _gray),
    "broken-profile-jpeg": Odd(_like("JPEG", quality=95, icc_profile=b"acsp" * 64)),
    "wrong-profile-jpeg": Odd(_like("JPEG", quality=95, icc_profile=profiles.cmyk())),
    "one-pixel": Odd(lambda base: saved(_strip(1, 1)(base), "PNG"), _strip(1, 1)),
    "one-by-5000": Odd(lambda base: saved(_strip(1, 5000)(base), "PNG"), _strip(1, 5000)),
    "5000-by-one": Odd(lambda base: saved(_strip(5000, 1)(base), "PNG"), _strip(5000, 1)),
    **{f"turned-{at}-jpeg": Odd(_turned(at)) for at in STORED},
    **{f"turned-{at}-png": Odd(_turned(at, "PNG")) for at in (5, 6)},
    **{f"turned-{at}-tiff": Odd(_turned(at, "TIFF")) for at in (5, 6)},
    "turned-6-avif": Odd(_turned(6, "AVIF")),
    "turned-6-webp": Odd(_turned(6, "WEBP")),
}
