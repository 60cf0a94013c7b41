"""The small view of a photograph that the network sees, and the way back from its chroma."""

from __future__ import annotations

import numpy as np
from PIL import Image

from photochrom.color.spaces import luma_to_lightness
from photochrom.photo.photo import Photo

LONG = 3
"""Views whose longer side is more than so many times the working size are seen piece by piece."""
LONGEST = 40
"""The longer side of the view is at most so many times the working size: 27 frames of film."""
_ENLARGED = 4
"""Long pictures of few pixels are enlarged no more than this: it would only take time."""


def view_size(height: int, width: int, working: int, *, longest: int = LONGEST) -> tuple[int, int]:
    """``(height, width)`` of the view: shorter side ``working``, aspect kept, at least 1 pixel.

    The longer side is at most ``longest`` times that.
    """
    shorter, longer = min(height, width), max(height, width)
    scale = min(working / shorter, longest * working / longer)
    if longer > LONG * shorter:
        scale = min(scale, max(_ENLARGED, LONG * working / longer))
    return max(1, round(height * scale)), max(1, round(width * scale))


def seen_at(photo: Photo, size: tuple[int, int]) -> np.ndarray:
    """The photo's luma, float32 in 0..1, resized with antialiasing to ``size``."""
    overview = photo.overview
    coarse = overview.shape[0] < size[0] or overview.shape[1] < size[1]
    return reduced_luma(photo.luma if coarse else overview, size)


def reduced_luma(luma: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Luma ``(H, W)`` uint8 or uint16, resized with antialiasing to ``size`` as float32 in 0..1."""
    if luma.dtype == np.uint16:
        luma = (luma >> 8).astype(np.uint8)
    height, width = size
    # A first reduction by whole boxes halves the work and is not seen after the second.
    small = Image.fromarray(luma).resize(
        (width, height), Image.Resampling.BICUBIC, reducing_gap=2.0
    )
    return np.asarray(small, dtype=np.float32) / 255


def network_input(luma: np.ndarray, multiple: int, *, least: int = 1) -> np.ndarray:
    """Luma ``(h, w)`` in 0..1 to lightness ``(1, 1, H, W)``, edges repeated to the multiple.

    No side is below ``least``: networks that shrink their input many times cannot see a ribbon.
    """
    lightness = luma_to_lightness(luma).astype(np.float32)
    sides = [-(-max(side, least) // multiple) * multiple for side in luma.shape]
    padding = [(0, whole - side) for whole, side in zip(sides, luma.shape, strict=True)]
    return np.pad(lightness, padding, mode="edge")[None, None]


def crop_output(values: np.ndarray, view: tuple[int, int], padded: tuple[int, int]) -> np.ndarray:
    """Cut the padding from an output ``(C, h, w)`` of the network, at the output's own scale."""
    rows, columns = (
        max(1, round(side * whole / full))
        for side, whole, full in zip(view, values.shape[1:], padded, strict=True)
    )
    return values[:, :rows, :columns]
