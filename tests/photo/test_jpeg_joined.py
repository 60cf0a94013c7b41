"""A baseline result is one scan that all programs read; luma's coefficients are the source's."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.jpeg_blocks import block_bounds
from photochrom.photo.jpeg_luma import coded_luma
from photochrom.photo.jpeg_scan import CodedScan, coded_scan
from tests.photo.reference_jpeg import coefficients_of


def saved(pixels: np.ndarray, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def colored(tint: Any, data: bytes) -> bytes:
    photo = read(data)
    buffer = io.BytesIO()
    write(tint(photo.luma), buffer, format="JPEG", jpeg=photo.jpeg)
    return buffer.getvalue()


def grain(height: int, width: int, spread: float) -> np.ndarray:
    rng = np.random.default_rng((height, width))
    ramp = np.add.outer(np.arange(height), np.arange(width)) % 200
    return np.clip(ramp + rng.normal(0, spread, (height, width)), 0, 255)


def check(tint: Any, source: bytes) -> None:
    """One scan of three components, 4:2:0; luma's blocks are the source's, the edge's again."""
    result = coefficients_of(colored(tint, source))
    assert result.scans == [3]
    assert result.factors == [(2, 2), (1, 1), (1, 1)]
    (expected,) = coefficients_of(source).planes
    more = [(0, own - its) for own, its in zip(result.planes[0].shape, expected.shape, strict=True)]
    assert np.array_equal(result.planes[0], np.pad(expected, more, "edge"))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(1, 50),
    st.integers(1, 50),
    st.integers(5, 100),
    st.sampled_from([0.0, 3.0, 80.0]),
    st.booleans(),
    st.sampled_from([0, 1, 3, 100]),
)
def test_the_coefficients_are_the_sources(
    tint, height, width, quality, spread, optimize, restart
) -> None:
    options = {"quality": quality, "optimize": optimize, "restart_marker_blocks": restart}
    check(tint, saved(grain(height, width, spread), **options))


PATTERNS = {
    "white": lambda y, x: 255 + 0 * y * x,
    "ramp": lambda y, x: x * 255 // x.max() + 0 * y,
    "dots": lambda y, x: ((x % 4 < 2) ^ (y % 4 < 2)) * 255,
    "halftone": lambda y, x: ((x % 7 - 3) ** 2 + (y % 5 - 2) ** 2 < 6) * 255,
    "checks": lambda y, x: (x // 8 + y // 8) % 2 * 200,
    "edges": lambda y, x: (x % 16 == 0) * 250 + 0 * y,
}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    "options", [{"quality": 92}, {"quality": 100}, {"optimize": True}, {"restart_marker_rows": 3}],
    ids=str,
)  # fmt: skip
def test_pictures_that_repeat_themselves(tint, pattern, options) -> None:
    """Where decoding that begins anywhere may never fall in step."""
    y, x = np.mgrid[:203, :301]
    check(tint, saved(PATTERNS[pattern](y, x), **options))


def test_blocks_without_an_end(tint) -> None:
    """All 64 coefficients are there, so that no code ends a block, and the table may have none."""
    rng = np.random.default_rng(5)
    for optimize in (False, True):
        noise = rng.integers(0, 256, (264, 280))
        check(tint, saved(noise, quality=100, optimize=optimize))


def test_a_difference_that_the_sources_table_has_no_code_for(tint) -> None:
    """Row by row the levels rise by little; block by block of a square they leap."""
    rows = np.repeat(np.arange(2), 8)[:, None] * 120 + np.zeros((16, 16))
    steps = np.arange(16) // 8 * 2
    check(tint, saved(rows + steps + 40, quality=95, optimize=True))


def test_a_second_scan_and_lost_restarts_are_unusual(tint) -> None:
    """The picture is coded anew: not the source's coefficients, but a file that is read."""
    source = saved(grain(40, 40, 3), restart_marker_blocks=2)
    luma = coded_luma(source)
    blocks = 25
    with pytest.raises(ValueError, match="several scans"):
        coded_scan((*luma.scans, luma.scans[-1]), blocks)
    with pytest.raises(ValueError, match="without its tables"):
        coded_scan(luma.scans[-1:], blocks)
    with pytest.raises(ValueError, match="without its tables"):
        coded_scan(luma.scans[:-1], blocks)
    with pytest.raises(ValueError, match="restarts"):
        coded_scan(luma.scans, blocks + 2)
    whole = coded_luma(saved(grain(40, 40, 3))).scans
    assert len(block_bounds(coded_scan(whole, blocks))[0]) == blocks
    with pytest.raises(ValueError, match="fewer blocks"):
        block_bounds(coded_scan(whole, blocks + 1))


def test_color_sources_and_inks_are_one_scan_too(tint) -> None:
    picture = Image.fromarray(grain(45, 51, 9).astype(np.uint8))
    for mode, options in (
        ("RGB", {"subsampling": 0}),
        ("RGB", {"subsampling": 1}),
        ("RGB", {"subsampling": 2, "restart_marker_rows": 1}),
        ("RGB", {"subsampling": 2, "progressive": True}),
        ("CMYK", {}),
    ):
        buffer = io.BytesIO()
        picture.convert(mode).save(buffer, "JPEG", **options)
        assert coefficients_of(colored(tint, buffer.getvalue())).scans == [3]


@pytest.mark.parametrize("spread", [0.0, 12.0])
def test_it_takes_no_long_time(tint, spread) -> None:
    """Block after block it would take ten seconds."""
    source = saved(grain(1500, 2000, spread), quality=92)
    luma = coded_luma(source)
    scan = coded_scan(luma.scans, 188 * 250)
    started = time.process_time()
    block_bounds(scan)
    assert time.process_time() - started < 2


def checkers(kind: str) -> np.ndarray:
    """Fine patterns, whose blocks have long runs of zeros and many codes in a few bits."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:160, :200]
    if kind == "noisy":
        return np.clip((x + y) % 2 * 255 + rng.normal(0, 2, x.shape), 0, 255)
    smooth = 40 + 170 * (np.sin(x / 60) * np.cos(y / 50) + 1) / 2
    if kind == "smooth":
        return smooth + ((x + y) % 2 * 2 - 1) * 40
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
    return 255.0 * (smooth > (bayer[y % 4, x % 4] + 0.5) * 16)


@pytest.mark.parametrize("kind", ["noisy", "smooth", "dithered"])
@pytest.mark.parametrize("quality", [10, 20, 30, 60, 85])
def test_blocks_of_long_runs_end_where_they_end(tint: Any, kind: str, quality: int) -> None:
    check(tint, saved(checkers(kind), quality=quality, optimize=True))


@pytest.mark.parametrize("seed", [39, 343, 618, 1240, 1523, 1674, 1827, 2149])
def test_full_blocks_beside_short_codes(tint: Any, seed: int) -> None:
    """A block whose last place is taken has no code for its end: what follows is the next one's.

    Of these seeds, steps over several codes once took it for one.
    """
    rng = np.random.default_rng(seed)
    quality = int(rng.choice([1, 5, 10, 25]))
    dots = np.where(rng.random((80, 72)) < 0.02, 255, 0) if quality < 10 else None
    noise = np.clip(128 + rng.normal(0, 60, (80, 72)), 0, 255) if dots is None else dots
    check(tint, saved(noise, quality=quality, optimize=True))


SHORT_CODES = [(0xF0, 0x01, 0x00, 0xF1, 0xE1), (0x01, 0xF0, 0x00, 0xE1, 0xF1)]


@pytest.mark.parametrize("symbols", SHORT_CODES)
@pytest.mark.parametrize("lengths", [(2, 2, 2, 3, 4), (1, 2, 3, 4, 5)])
@pytest.mark.parametrize("seed", range(4))
def test_steps_over_short_codes_of_long_runs(symbols: Any, lengths: Any, seed: int) -> None:
    """Where a code of a few bits goes 16 places, several of them stay within a block."""
    counts = bytes(lengths.count(length) for length in range(1, 17))
    codes, code, before = {}, 0, lengths[0]
    for symbol, length in zip(symbols, lengths, strict=True):
        code <<= length - before
        codes[symbol], code, before = f"{code:0{length}b}", code + 1, length
    dc = bytes((1, 1, *[0] * 14, 0, 1))
    rng, bits, ends = np.random.default_rng(seed), "", []
    for _ in range(400):
        bits, place = bits + "0", 1
        while place < 64:
            fits = [s for s in symbols if s == 0 or place + (s >> 4) < 64]
            symbol = int(rng.choice(fits))
            bits += codes[symbol] + "1" * (symbol & 15)
            place = 64 if symbol == 0 else place + (symbol >> 4) + 1
        ends.append(len(bits))
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    scan = CodedScan(data, np.zeros(1, np.int64), 400, 0, dc, counts + bytes(symbols))
    assert block_bounds(scan)[1].tolist() == ends


def test_filling_before_stuffed_bytes_is_none_of_the_data(tint: Any) -> None:
    source = saved(grain(90, 120, 60), quality=95)
    scan = source.index(b"\xff\xda")
    assert b"\xff\0" in source[scan:]
    filled = source[:scan] + source[scan:].replace(b"\xff\0", b"\xff\xff\xff\0")
    (expected,) = coefficients_of(source).planes
    plane = coefficients_of(colored(tint, filled)).planes[0]
    assert np.array_equal(plane[: expected.shape[0], : expected.shape[1]], expected)


def test_tables_behind_the_scan_do_not_count_for_it(tint: Any) -> None:
    source, other = (
        saved(grain(90, 120, s), quality=q, optimize=True) for s, q in ((9, 90), (60, 40))
    )
    start = other.index(b"\xff\xc4")
    table = other[start : other.index(b"\xff\xda")]
    (expected,) = coefficients_of(source).planes
    plane = coefficients_of(colored(tint, source[:-2] + table + b"\xff\xd9")).planes[0]
    assert np.array_equal(plane[: expected.shape[0], : expected.shape[1]], expected)


def test_coded_data_behind_the_last_block_is_not_passed_over() -> None:
    luma = coded_luma(saved(grain(40, 40, 9), quality=80))
    assert luma is not None
    scan = coded_scan(luma.scans, 25)
    with pytest.raises(ValueError, match="more than its blocks"):
        block_bounds(replace(scan, blocks=20))
