"""Training crops by position: a dataset whose items depend on seed and position alone."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch.utils.data import Dataset

from photochrom.data.pictures import Pictures
from photochrom.data.transforms import Augmentation, decode, panned_crops
from photochrom.errors import DataError


class Crops(Dataset[torch.Tensor]):
    """Crop number ``k`` of an endless training: ``(3, size, size)`` uint8 RGB.

    With ``frames`` above 1 it is ``(frames, 3, size, size)``: the picture passes by, at most
    ``pan`` of the crop's side from one to the next, see :func:`photochrom.data.transforms.track`.

    Position ``k`` names both the picture (each epoch visits every picture ``variants`` times, in an
    order drawn from the seed) and the random crop, so a run that resumes at ``k`` continues
    exactly, and no state is kept in workers.
    """

    def __init__(
        self,
        pictures: Pictures,
        *,
        size: int,
        augmentation: Augmentation,
        seed: int,
        variants: int = 1,
        frames: int = 1,
        pan: float = 0.0,
    ) -> None:
        """``size`` is the crop's side in pixels; ``variants`` how often an epoch visits each."""
        self.pictures = pictures
        self.variants = variants
        self.size = size
        self.augmentation = augmentation
        self.seed = seed
        self.frames, self.pan = frames, pan
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)
        # Even the smallest crop is then scaled down by 2 after a JPEG's own reduction.
        self._side = math.ceil(2 * size / math.sqrt(augmentation.smallest))

    @property
    def epoch(self) -> int:
        """Crops in an epoch."""
        return len(self.pictures) * self.variants

    def picture_at(self, position: int) -> int:
        """Index of the picture that training position ``position`` visits."""
        epoch, place = divmod(position, self.epoch)
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng([self.seed, epoch]).permutation(self.epoch)
        return int(self._order[place]) % len(self.pictures)

    def crop(self, index: int, position: int) -> torch.Tensor:
        """Picture ``index`` as ``position`` crops it; raises :class:`DataError` if it is broken."""
        generator = np.random.default_rng([self.seed, 1, position])
        data, name = self.pictures.read(index), self.pictures.name(index)
        image = decode(data, name, side=self._side)
        crops = panned_crops(
            image, self.size, self.augmentation, generator, frames=self.frames, pan=self.pan
        )
        return torch.from_numpy(crops if self.frames > 1 else crops[0])

    def __getitem__(self, position: int) -> torch.Tensor:
        """Decode, crop, mirror; a broken picture is replaced by the next good one."""
        for attempt in range(20):
            index = (self.picture_at(position) + attempt) % len(self.pictures)
            try:
                return self.crop(index, position)
            except DataError:
                continue
        message = f"20 pictures in a row cannot be decoded, from {self.pictures.name(index)} back"
        raise DataError(message)
