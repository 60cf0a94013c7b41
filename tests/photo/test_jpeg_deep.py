"""16 bits into a JPEG: what the encoder would make of the picture rounded to 8 bits."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from photochrom.photo.encode import write
from photochrom.photo.jpeg_tables import DEFAULT_QUALITY
from photochrom.photo.photo import to_depth


class Noise:
    """Any colors, out of which no two neighbors are alike."""

    depth = 16

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        rng = np.random.default_rng((height, width))
        self.samples = rng.integers(0, 65536, (height, width, 3), dtype=np.uint16)
        self.asked: list[int] = []

    def rgb(self, start: int, stop: int) -> np.ndarray:
        self.asked.append(stop - start)
        return self.samples[start:stop]


def jpeg_of(coloring: object) -> bytes:
    buffer = io.BytesIO()
    write(coloring, buffer, format="JPEG")
    return buffer.getvalue()


def by_the_encoder(samples: np.ndarray) -> bytes:
    return simplejpeg.encode_jpeg(
        to_depth(samples, 8), quality=DEFAULT_QUALITY, colorsubsampling="420"
    )


def planes_of(data: bytes) -> tuple[np.ndarray, ...]:
    """Y, Cb and Cr, all of the picture's size."""
    image = Image.open(io.BytesIO(data))
    image.draft("YCbCr", image.size)
    assert image.mode == "YCbCr"
    return tuple(np.asarray(plane).astype(int) for plane in image.split())


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 2), (31, 45), (33, 48), (48, 31), (16, 46)])
def test_every_size(monkeypatch, size) -> None:
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 300)
    coloring = Noise(*size)
    ours, theirs = (planes_of(d) for d in (jpeg_of(coloring), by_the_encoder(coloring.samples)))
    assert [plane.shape for plane in ours] == [size] * 3
    assert np.array_equal(ours[0], theirs[0])
    whole = size[1] // 16 * 16 - 1  # how chroma goes on beyond the edge alters the last blocks
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        apart = np.abs(mine - other)
        assert apart[:, : max(0, whole)].max(initial=0) == 0
        assert apart.max() <= 16


def test_of_whole_blocks_it_is_the_same_to_the_last_bit(monkeypatch) -> None:
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 300)
    coloring = Noise(47, 64)
    ours, theirs = jpeg_of(coloring), by_the_encoder(coloring.samples)
    scan = b"\xff\xda"
    assert ours[ours.index(scan) :] == theirs[theirs.index(scan) :]
    assert max(coloring.asked) <= 4


def test_it_is_never_held_in_three_channels(monkeypatch, tint) -> None:
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 1 << 12)
    luma = np.full((1000, 1000), 30_000, np.uint16)
    jpeg_of(tint(luma))  # what is imported and cached on first use does not count
    tracemalloc.start()
    try:
        jpeg_of(tint(luma))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * luma.size
