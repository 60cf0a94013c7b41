"""Colors as people write them: #c03028, #abc, skyblue."""

from __future__ import annotations

import re

import numpy as np
from PIL import ImageColor

from photochrom.color.spaces import rgb_to_lab
from photochrom.errors import WrongInput
from photochrom.registry import suggestion

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


def parse_color(text: object) -> np.ndarray:
    """``#rrggbb``, ``#rgb`` or a name of CSS to sRGB ``(3,)`` float64 in 0..1.

    Raises :class:`WrongInput` for anything else; a wrong name is answered with the nearest ones.
    """
    name = text.strip().lower() if isinstance(text, str) else ""
    if _HEX.fullmatch(name) or name in ImageColor.colormap:
        return np.asarray(ImageColor.getrgb(name), dtype=np.float64) / 255
    if not isinstance(text, str) or name.startswith("#"):
        message = f"{text!r} is no color: write #rrggbb, #rgb or a name such as skyblue"
    else:
        message = f"no color named {text!r}; {_nearest(name)}"
    raise WrongInput(message)


def _nearest(name: str) -> str:
    near = suggestion(name, ImageColor.colormap)
    return near if near.startswith("did") else "write #rrggbb, #rgb or a name such as skyblue"


def color_to_ab(rgb: np.ndarray) -> np.ndarray:
    """SRGB ``(3,)`` or ``(K, 3)`` in 0..1 to its ab ``(2,)`` or ``(K, 2)`` in Lab units."""
    lab = rgb_to_lab(np.atleast_2d(rgb).T[:, :, None])
    ab: np.ndarray = lab[1:, :, 0].T.reshape(*np.shape(rgb)[:-1], 2)
    return ab


def rgb_to_hex(rgb: np.ndarray) -> str:
    """SRGB ``(3,)`` in 0..1, clipped, as ``#rrggbb``."""
    levels = np.rint(np.clip(rgb, 0, 1) * 255).astype(int)
    return "#" + "".join(f"{level:02x}" for level in levels)
