"""How others color a photograph at full size, with the same network: whole-picture Lab.

Both read the file, bring it to Lab in floating point, let the network see a small L, enlarge its ab
to full size, go back to RGB and write a JPEG. Their packages are no part of photochrom:

    pip install opencv-python-headless scikit-image
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from photochrom.inference.session import Session
from photochrom.inference.view import network_input, reduced_luma, view_size

Pipeline = Callable[[Session, Path, Path, int], None]
"""(session, source, result, quality) -> None."""


def opencv_lab(session: Session, source: Path, result: Path, quality: int) -> None:
    """Lab of the whole picture by OpenCV in float32, one thread."""
    import cv2

    cv2.setNumThreads(1)
    bgr = cv2.imread(str(source), cv2.IMREAD_COLOR).astype(np.float32) / 255
    lab = cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB)
    ab = _predicted(session, source)
    wide = [cv2.resize(plane, lab.shape[1::-1], interpolation=cv2.INTER_CUBIC) for plane in ab]
    joined = cv2.merge([lab[..., 0], *wide])
    colored = cv2.cvtColor(joined, cv2.COLOR_LAB2BGR)
    rounded = np.clip(colored * 255 + 0.5, 0, 255).astype(np.uint8)
    cv2.imwrite(str(result), rounded, [cv2.IMWRITE_JPEG_QUALITY, quality])


def scikit_image_lab(session: Session, source: Path, result: Path, quality: int) -> None:
    """Lab of the whole picture by scikit-image in float64, as in most published code."""
    from skimage import color, transform

    with Image.open(source) as image:
        rgb = np.asarray(image.convert("RGB"))
    lab = color.rgb2lab(rgb)
    ab = _predicted(session, source)
    lab[..., 1:] = transform.resize(ab.transpose(1, 2, 0), lab.shape[:2], order=3)
    rounded = np.clip(color.lab2rgb(lab) * 255 + 0.5, 0, 255).astype(np.uint8)
    Image.fromarray(rounded).save(result, quality=quality)


PIPELINES: dict[str, tuple[str, Pipeline]] = {
    "OpenCV, float Lab": ("cv2", opencv_lab),
    "scikit-image, Lab": ("skimage", scikit_image_lab),
}
"""Name -> the module it needs, and the pipeline."""


def installed() -> dict[str, Pipeline]:
    """Those whose package is here; says which are not."""
    found = {}
    for name, (module, pipeline) in PIPELINES.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name}: left out, as {module} is not installed (see benchmarks/pipelines.py)")
        else:
            found[name] = pipeline
    return found


def _predicted(session: Session, source: Path) -> np.ndarray:
    """The network's ab ``(2, h, w)`` of the file, seen as photochrom shows it."""
    with Image.open(source) as image:
        luma = np.asarray(image.convert("L"))
    card = session.card
    seen = reduced_luma(luma, view_size(*luma.shape, card.working_size))
    return session.run(network_input(seen, card.multiple_of)).ab[0]
