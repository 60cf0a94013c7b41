"""Training crops by position: a dataset whose items depend on seed and position alone."""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import Dataset

from photochrom.data.sources import Pictures
from photochrom.data.transforms import Augmentation, decode, training_crop
from photochrom.errors import DataError


class Crops(Dataset[torch.Tensor]):
    """Crop number ``k`` of an endless training: ``(3, size, size)`` uint8 RGB.

    Position ``k`` names both the picture (each epoch visits every picture once, in an order drawn
    from the seed) and the random crop, so a run that resumes at ``k`` continues exactly, and no
    state is kept in workers.
    """

    def __init__(
        self, pictures: Pictures, *, size: int, augmentation: Augmentation, seed: int
    ) -> None:
        """``size`` is the crop's side in pixels."""
        self.pictures = pictures
        self.size = size
        self.augmentation = augmentation
        self.seed = seed
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def picture_at(self, position: int) -> int:
        """Index of the picture that training position ``position`` visits."""
        epoch, place = divmod(position, len(self.pictures))
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng([self.seed, epoch]).permutation(len(self.pictures))
        return int(self._order[place])

    def __getitem__(self, position: int) -> torch.Tensor:
        """Decode, crop, mirror; a broken picture is replaced by the next good one."""
        generator = np.random.default_rng([self.seed, 1, position])
        for attempt in range(20):
            index = (self.picture_at(position) + attempt) % len(self.pictures)
            try:
                image = decode(self.pictures.read(index), self.pictures.name(index))
            except DataError:
                continue
            crop = training_crop(image, self.size, self.augmentation, generator)
            return torch.from_numpy(crop)
        message = f"20 pictures in a row cannot be decoded, from {self.pictures.name(index)} back"
        raise DataError(message)
