"""Whether a picture has colors that a network could learn from, and when they are few."""

from __future__ import annotations

import numpy as np
from PIL import Image

from photochrom.color.spaces import rgb_to_lab

LARGEST_GRAY = 5.0
"""A picture is gray if no a and no b lies further from 0: such pictures give no gradient."""
LOW_COLORFULNESS = 15.0
"""Below this Hasler-Suesstrunk colorfulness a picture counts as low in color: BigColor (Kim et al.
2022) trains on none."""
_LOOK = 64


def is_gray(image: Image.Image) -> bool:
    """Whether every |a| and |b| of an RGB picture is at most 5 Lab units.

    Looks at a copy of at most 64 x 64 pixels, each the mean of a block, as a network's targets are:
    the chroma noise of a JPEG or a scanner, one pixel wide, is no color.
    """
    small = image.resize((min(image.width, _LOOK), min(image.height, _LOOK)), Image.Resampling.BOX)
    rgb = np.asarray(small.convert("RGB")).transpose(2, 0, 1)
    ab = rgb_to_lab(rgb.astype(np.float32) / 255)[1:]
    return bool(np.abs(ab).max() <= LARGEST_GRAY)
