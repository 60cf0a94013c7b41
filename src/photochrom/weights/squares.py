"""Pictures that a graph is fitted or measured by before it becomes a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch import Tensor

from photochrom.color.spaces import rgb_to_lab
from photochrom.data.dataset import Crops
from photochrom.data.sources import open_pictures
from photochrom.data.transforms import NONE


def lab_squares(places: Sequence[str], *, size: int, count: int) -> Iterator[tuple[int, Tensor]]:
    """Lab ``(1, 3, size, size)`` of at most ``count`` pictures, each with its place in the order.

    Evenly spread over all pictures of ``places``, which may be sorted by what they show. Raises
    :class:`~photochrom.errors.DataError` if no picture can be read.
    """
    crops = Crops(open_pictures(places), size=size, augmentation=NONE, seed=0)
    chosen = np.linspace(0, crops.epoch - 1, min(count, crops.epoch)).round().astype(int)
    for position in map(int, chosen):
        yield position, rgb_to_lab(crops[position][None].float() / 255)
