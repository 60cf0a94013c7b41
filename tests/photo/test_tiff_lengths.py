"""Strips and tiles whose lengths are stated wrong are read if their pixels are there."""

import functools
import io
import zlib

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import UnreadablePhoto
from photochrom.photo.decode import read
from photochrom.photo.pixels import luma_of
from tests.photo.handmade import NONE, handmade, longs

ROWS, COLUMNS = np.mgrid[0:96, 0:144]
NOISE = np.random.default_rng(2).integers(0, 40, ROWS.shape)
GRAY = (ROWS + COLUMNS // 2 + NOISE).astype(np.uint16)
DEEP = np.stack([GRAY, GRAY // 2, GRAY // 3], -1) * np.uint16(257)

WRONG = {
    "zero": lambda _, lengths: longs(*[0] * len(lengths)),
    "absent": NONE,
    "one": lambda _, lengths: longs(*[1] * len(lengths)),
    "half": lambda _, lengths: longs(*[n // 2 for n in lengths]),
    "one less": lambda _, lengths: longs(*[n - 1 for n in lengths]),
    "beyond": lambda _, lengths: longs(*[n + 900_000 for n in lengths]),
    "the last beyond": lambda _, lengths: longs(*lengths[:-1], lengths[-1] + 4096),
    "too few": lambda _, lengths: longs(*lengths[:1]),
}
LAYOUTS = {"strip": {}, "strips": {"rows": 16, "gap": 5}, "tiles": {"tile": (32, 48), "gap": 5}}
LAYOUTS["tiles as strips"] = {**LAYOUTS["tiles"], "under": "STRIP"}


def jpeg(part: bytes) -> bytes:
    """A strip or tile of ``WIDTHS`` columns as a JPEG."""
    width = next(width for width in (144, 48) if len(part) % width == 0)
    buffer = io.BytesIO()
    samples = np.frombuffer(part, np.uint8).reshape(-1, width)
    Image.fromarray(samples).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def of_imagecodecs(name: str):
    def pack(part: bytes) -> bytes:
        return bytes(getattr(pytest.importorskip("imagecodecs"), f"{name}_encode")(part))

    return pack


PACKINGS = {
    "plain": {}, "deflate": {"compression": 8, "pack": zlib.compress},
    "lzw": {"compression": 5, "pack": of_imagecodecs("lzw")},
    "packbits": {"compression": 32773, "pack": of_imagecodecs("packbits")},
    "zstd": {"compression": 50000, "pack": of_imagecodecs("zstd")},
    "jpeg": {"compression": 7, "pack": jpeg},
}  # fmt: skip


def bytes_tag(layout: dict[str, object]) -> str:
    return "TILE_BYTES" if "tile" in layout and "under" not in layout else "STRIP_BYTES"


def made(packing: str, layout: str, *, is_deep: bool = False, wrong: str = "") -> bytes:
    options = {**LAYOUTS[layout], **PACKINGS[packing]}
    if is_deep and packing == "zstd":
        options["gap"] = 0  # imagecodecs minds what follows
    if wrong:
        options[bytes_tag(options)] = WRONG[wrong]
    if not is_deep:
        return handmade(GRAY, **options)
    return handmade(DEEP, bits=16, photometric=2, order=">", **options)


@functools.cache
def expected(packing: str, layout: str, *, is_deep: bool = False) -> np.ndarray:
    luma = read(made(packing, layout, is_deep=is_deep)).luma
    if packing != "jpeg":
        assert np.array_equal(luma, luma_of(DEEP) if is_deep else GRAY)
    return luma


@pytest.mark.parametrize("wrong", list(WRONG))
@pytest.mark.parametrize("packing", list(PACKINGS))
def test_wrong_lengths(packing, wrong):
    for layout in LAYOUTS:
        luma = read(made(packing, layout, wrong=wrong)).luma
        assert np.array_equal(luma, expected(packing, layout)), layout


@pytest.mark.parametrize("wrong", list(WRONG))
@pytest.mark.parametrize("packing", [name for name in PACKINGS if name != "jpeg"])
def test_wrong_lengths_of_what_pillow_does_not_keep(packing, wrong):
    for layout in ("strips", "tiles as strips"):
        luma = read(made(packing, layout, is_deep=True, wrong=wrong)).luma
        assert np.array_equal(luma, expected(packing, layout, is_deep=True)), layout


@pytest.mark.parametrize("wrong", ["", "zero", "absent", "half", "beyond"])
@pytest.mark.parametrize("packing", list(PACKINGS))
def test_a_file_that_is_really_short_stays_refused(packing, wrong):
    for layout in LAYOUTS:
        data = made(packing, layout, wrong=wrong)
        with pytest.raises(UnreadablePhoto, match=r"it is (cut short|damaged)"):
            read(data[: len(data) * 9 // 10])


@pytest.mark.parametrize("bits", [8, 16])
def test_what_only_fills_the_last_tile_may_be_missing(bits):
    samples = (GRAY % 256)[:90]
    data = handmade(samples, bits=bits, tile=(64, 64))
    filling = (64 - 90 % 64) * 64 * bits // 8
    assert np.array_equal(read(data[: len(data) - filling]).luma, samples)
    with pytest.raises(UnreadablePhoto, match="it is cut short"):
        read(data[: len(data) - filling - 64 * bits // 8])


@pytest.mark.parametrize("bits", [1, 4])
@pytest.mark.parametrize("wrong", list(WRONG))
def test_wrong_lengths_of_few_bits(bits, wrong):
    samples = (GRAY % 2**bits).astype(np.uint16)
    data = handmade(samples, bits=bits, rows=16, STRIP_BYTES=WRONG[wrong])
    assert np.array_equal(read(data).luma, samples * (255 // (2**bits - 1)))


@pytest.mark.parametrize("wrong", ["zero", "absent", "one", "half", "beyond"])
def test_wrong_lengths_of_a_fax(saved, wrong):
    """Whose decoder makes white rows of what is missing."""
    picture = Image.fromarray((GRAY > 90).astype(np.uint8) * 255).convert("1")
    plain = saved(picture, "TIFF", compression="group4")
    with Image.open(io.BytesIO(plain)) as opened:
        (start,), (length,), photometric = (opened.tag_v2[tag] for tag in (273, 279, 262))
    packed = plain[start : start + length]
    samples = np.asarray(picture).astype(np.uint8)
    options = {"bits": 1, "compression": 4, "pack": lambda _: packed, "photometric": photometric}
    whole = handmade(samples, **options)
    expected = read(plain).luma
    assert np.array_equal(read(whole).luma, expected)
    data = handmade(samples, **options, STRIP_BYTES=WRONG[wrong])
    assert np.array_equal(read(data).luma, expected)
    if wrong in ("zero", "absent", "beyond"):
        with pytest.raises(UnreadablePhoto, match="it is cut short"):
            read(data[: len(data) - length // 2])
