"""From what the network says to planes of chroma of moderate size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from photochrom.color.resize import resize_chroma
from photochrom.color.spaces import lab_to_rgb, luma_to_lightness, rgb_to_ycbcr
from photochrom.inference.hints import Hint
from photochrom.inference.margins import blank
from photochrom.inference.view import LONGEST, seen_at, view_size
from photochrom.photo.photo import Photo

LAB_SIDE = 512
"""Longer side, in pixels, at which ab becomes Cb and Cr: Lab is dear and chroma is smooth."""
LAB_BREADTH = 192
"""Shorter side, at least: of a strip of film, too, more is left than a thread."""
_MARGIN_SIDE = 192
_MARGIN_LONGEST = 16


def chroma_planes(
    photo: Photo, ab: np.ndarray, *, upsampling: str, hints: Sequence[Hint] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Ab ``(2, h, w)`` to Cb and Cr of moderate size, together with the lightness there.

    Bare margins and backgrounds stay neutral, but for those on which ``hints`` lie.
    """
    size = planes_size(photo.height, photo.width)
    lightness = luma_to_lightness(seen_at(photo, size))
    guide = lightness if upsampling == "guided" else None
    ab = resize_chroma(ab, size, method=upsampling, lightness=guide)
    bare = bare_share(photo, size, hints)
    if bare is not None:
        ab = ab * (1 - bare)
    rgb = lab_to_rgb(np.concatenate([lightness[None], ab]).astype(np.float32))
    ycbcr = rgb_to_ycbcr(rgb)
    return ycbcr[1], ycbcr[2]


def planes_size(height: int, width: int) -> tuple[int, int]:
    """``(height, width)`` of the planes of a photograph, not larger than itself."""
    longer, shorter = max(height, width), min(height, width)
    scale = max(LAB_SIDE / longer, min(LAB_BREADTH / shorter, LONGEST * LAB_BREADTH / longer))
    scale = min(1.0, scale)
    return max(1, round(height * scale)), max(1, round(width * scale))


def bare_share(
    photo: Photo, size: tuple[int, int], hints: Sequence[Hint] = ()
) -> np.ndarray | None:
    """How much of each place of ``size`` is bare: ``(h, w)`` float32 in 0..1, None if nothing."""
    height, width = photo.height, photo.width
    view = view_size(height, width, _MARGIN_SIDE, longest=_MARGIN_LONGEST)
    told = np.zeros(view, dtype=bool) if hints else None
    for hint in hints:
        x, y = hint.place(height, width)
        told[int(y / height * view[0]), int(x / width * view[1])] = True  # type: ignore[index]
    bare = blank(seen_at(photo, view), told)
    if not bare.any():
        return None
    share = Image.fromarray(bare.astype(np.float32))
    return np.asarray(share.resize(size[::-1], Image.Resampling.BILINEAR))
