"""A look at a few pictures before hours of training: are they there, in color, and large enough?"""

from __future__ import annotations

import numpy as np

from photochrom.data.grayness import is_gray
from photochrom.data.pictures import Pictures
from photochrom.data.transforms import decode
from photochrom.errors import DataError

SAMPLE = 100
MOST_GRAY = 0.95


def check_pictures(pictures: Pictures, *, size: int, seed: int) -> list[str]:
    """Decode a sample of the pictures and judge whether ``size`` pixel crops can be learned from.

    Returns:
        Remarks for people, one line each; often none.

    Raises:
        DataError: no picture of the sample can be decoded, or more than 95 % of it are gray.
    """
    count = min(SAMPLE, len(pictures))
    chosen = np.random.default_rng([seed, 3]).choice(len(pictures), count, replace=False)
    small, gray, broken = 0, [], []
    for index in sorted(chosen.tolist()):
        try:
            image = decode(pictures.read(index), pictures.name(index), side=size)
        except DataError:
            broken.append(pictures.name(index))
            continue
        gray += [pictures.name(index)] if is_gray(image) else []
        small += min(image.size) < size / 2
    decoded = count - len(broken)
    if not decoded:
        message = f"none of the {count} pictures looked at can be decoded, such as {broken[0]}"
        raise DataError(message)
    if len(gray) > MOST_GRAY * decoded:
        message = (
            f"{len(gray)} of the {decoded} pictures looked at are gray, such as {gray[0]}: there "
            "are no colors to learn from; training needs pictures in color"
        )
        raise DataError(message)
    remarks = []
    if broken:
        remarks.append(
            f"{len(broken)} of {count} pictures looked at cannot be decoded and are passed over, "
            f"such as {broken[0]}"
        )
    if len(gray) > decoded / 2:
        remarks.append(f"{len(gray)} of {decoded} pictures looked at are gray and teach nothing")
    if small > decoded / 2:
        remarks.append(
            f"{small} of {decoded} pictures looked at are less than half as large as data.size = "
            f"{size}; they are enlarged"
        )
    return remarks
