"""A page's tags as they are meant where they are missing, wrong, or contradict each other.

The rules are libtiff's where it has any, so that a page looks as other programs show it. Whoever
reads the page is given these tags, so that all readers agree. Nothing is said here of what cannot
be told: it stays, and is refused when the page is checked.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from photochrom.photo import tiff_tags as t
from photochrom.photo.tags import TagSet, Value
from photochrom.photo.tiff_layout import mend_places, places_of

_FORMATS = (t.UNSIGNED, t.SIGNED, t.FLOAT, 5, 6)  # of the last two: complex numbers
_NUMBERS = (
    t.BITS, t.COMPRESSION, t.PHOTOMETRIC, t.FILL_ORDER, t.SAMPLES, t.PLANAR, t.ROWS_PER_STRIP,
    t.STRIP_OFFSETS, t.STRIP_BYTES, t.TILE_WIDTH, t.TILE_HEIGHT, t.TILE_OFFSETS, t.TILE_BYTES,
    t.EXTRA_SAMPLES, t.SAMPLE_FORMAT, t.COLOR_MAP, t.SUBSAMPLING,
)  # fmt: skip
"""Tags that say how to read the pixels, each by whole numbers."""
_SMALL_MAP, _LARGE_MAP = 255, 257


def mended(tags: Mapping[int, Value], order: str, size: int) -> dict[int, Value]:
    """The tags of a page as they are meant; ``size`` is the file's."""
    page = TagSet(dict(tags), order)
    for tag in _NUMBERS:
        if not page.array(tag).size:  # other readers may make something else of texts and fractions
            page.values.pop(tag, None)
    _mend_samples(page)
    _mend_color(page)
    if page.number(t.COMPRESSION, t.PLAIN) != t.OLD_JPEG:  # whose places have rules of their own
        mend_places(page, size)
    return page.values


def _mend_samples(page: TagSet) -> None:
    """Number, depth, kind and order of the samples."""
    bits = page.numbers(t.BITS)
    if not page.numbers(t.SAMPLES) and len(bits) > 1:
        page.put(t.SAMPLES, [len(bits)])
    channels = page.number(t.SAMPLES, 1)
    if not bits and page.number(t.COMPRESSION, t.PLAIN) == t.PLAIN:
        pixels = page.number(t.HEIGHT, 0) * page.number(t.WIDTH, 0)
        if 0 < pixels * channels == int(places_of(page)[1].sum()):
            page.put(t.BITS, [8] * channels)
    formats = page.numbers(t.SAMPLE_FORMAT)
    # There are no floats of 8 bits, and no reader minds samples of no stated kind.
    known = _FORMATS if max(bits or (1,)) > 8 else (t.SIGNED, 5, 6)
    if formats:
        kept = [kind if kind in known else t.UNSIGNED for kind in formats]
        page.put(t.SAMPLE_FORMAT, kept)
    if page.number(t.FILL_ORDER, 1) not in (1, 2):
        page.put(t.FILL_ORDER, [1])
    if page.number(t.PLANAR, 1) not in (1, 2):
        page.put(t.PLANAR, [1])


def _mend_color(page: TagSet) -> None:
    """What the samples mean."""
    channels = page.number(t.SAMPLES, 1)
    stated = page.number(t.PHOTOMETRIC, -1)
    if stated == -1:
        colors = channels - len(page.numbers(t.EXTRA_SAMPLES))
        packing = page.number(t.COMPRESSION, t.PLAIN)
        gray = t.WHITE_IS_ZERO if packing in t.FAX else t.BLACK_IS_ZERO
        color = t.YCBCR if packing in (t.OLD_JPEG, t.JPEG) else t.RGB
        page.put(t.PHOTOMETRIC, [color if colors >= 3 else gray])
    elif stated in (t.RGB, t.YCBCR) and channels == 1:
        page.put(t.PHOTOMETRIC, [t.BLACK_IS_ZERO])
    elif stated == t.PALETTE:
        _mend_palette(page, channels)


def _mend_palette(page: TagSet, channels: int) -> None:
    """A palette of as many colors as there can be, in 16 bits.

    One whose values all fit into 8 bits is of 8 bits.
    """
    bits = max(page.numbers(t.BITS) or (1,))
    levels = page.array(t.COLOR_MAP)
    if len(levels) < 3 or bits > 16:
        if bits >= 8:
            page.put(t.PHOTOMETRIC, [t.RGB if channels == 3 else t.BLACK_IS_ZERO])
        return
    scale = _LARGE_MAP if levels.max() <= _SMALL_MAP else 1
    planes = levels[: len(levels) // 3 * 3].reshape(3, -1)[:, : 1 << bits] * np.uint64(scale)
    filled = np.pad(planes, ((0, 0), (0, (1 << bits) - planes.shape[1])))
    page.put(t.COLOR_MAP, filled.ravel())
