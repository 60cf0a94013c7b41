"""HEIC files for tests, by pillow-heif: what photochrom reads them with cannot write any."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

LOSSLESS = {"quality": -1, "chroma": 444, "matrix_coefficients": 0}


def heic(samples: np.ndarray, **options: Any) -> bytes:
    """A file of samples (H, W) or (H, W, 3 or 4), uint8, or uint16 of which 10 bits are kept.

    ``options``: ``mode`` where premultiplied alpha is meant, ``others`` for further pictures before
    it, ``info`` for what it carries (an EXIF orientation is stored as turning, too), and those of
    pillow-heif's encoder; without any no level is lost.
    """
    plain = {1: "L", 3: "RGB", 4: "RGBA"}[1 if samples.ndim == 2 else samples.shape[2]]
    mode = options.pop("mode", plain + (";16" if samples.dtype == np.uint16 else ""))
    others, info = options.pop("others", ()), options.pop("info", {})
    file = pillow_heif.HeifFile()
    for other in others:
        file.add_from_pillow(Image.fromarray(other))
    height, width = samples.shape[:2]
    file.add_frombytes(mode, (width, height), np.ascontiguousarray(samples).tobytes())
    file[len(others)].info.update(info)
    buffer = io.BytesIO()
    file.save(buffer, **{**LOSSLESS, "primary_index": len(others), **options})
    return buffer.getvalue()
