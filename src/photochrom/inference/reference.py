"""The colors of a picture that another is to be colored like."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photochrom.color.spaces import rgb_to_lab
from photochrom.data.grayness import is_gray
from photochrom.data.transforms import decode
from photochrom.errors import DataError, UnreadablePhoto, WrongInput
from photochrom.inference.names import as_path
from photochrom.photo.decode import read
from photochrom.photo.photo import to_depth

SIDE = 96
"""Colors are counted on a copy whose longer side has so many pixels, each the mean of a block."""


def reference_colors(reference: Any) -> np.ndarray:
    """Ab ``(K, 2)`` float32 in Lab units of a path, bytes, PIL image or array.

    Raises :class:`PhotoError` if it cannot be read, :class:`WrongInput` if it is gray.
    """
    return read_reference(reference)[0]


def read_reference(reference: Any) -> tuple[np.ndarray, str]:
    """The colors of a reference, and a digest that is equal for equal pictures of any kind.

    Raises :class:`PhotoError` if it cannot be read, :class:`WrongInput` if it is gray.
    """
    reference = as_path(reference)
    # Read as any photograph: what is damaged, too large or no picture is refused in the same words.
    read(reference)
    image = _in_color(reference)
    if is_gray(image):
        message = f"the reference {_name(reference)} is gray: there are no colors to take from it"
        raise WrongInput(message)
    scale = min(1.0, SIDE / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = image.resize((width, height), Image.Resampling.BOX)
    rgb = np.asarray(small, dtype=np.float32).transpose(2, 0, 1) / 255
    ab: np.ndarray = rgb_to_lab(rgb)[1:].reshape(2, -1).T
    # Of the pixels and not of ab: whole numbers are the same on every machine of a run.
    digest = hashlib.sha256(f"{small.size}".encode() + small.tobytes())
    return ab, digest.hexdigest()


def _in_color(reference: Any) -> Image.Image:
    if isinstance(reference, Image.Image):
        return reference.convert("RGB")
    if isinstance(reference, np.ndarray):
        rgb = reference if reference.ndim == 3 else reference[..., None]
        rgb = rgb[..., :3] if rgb.shape[2] > 2 else rgb[..., :1].repeat(3, 2)
        if np.issubdtype(rgb.dtype, np.floating):
            rgb = np.rint(rgb * 255).astype(np.uint8)
        return Image.fromarray(np.ascontiguousarray(to_depth(rgb, 8)))
    data = bytes(reference) if not isinstance(reference, str | Path) else None
    try:
        encoded = Path(reference).read_bytes() if data is None else data
        return decode(encoded, _name(reference), side=2 * SIDE)
    except (OSError, DataError) as error:
        message = f"the colors of the reference {_name(reference)} cannot be read"
        raise UnreadablePhoto(message) from error


def _name(reference: Any) -> str:
    return str(reference) if isinstance(reference, str | Path) else "picture"
