"""One picture as a model colored it, beside the truth, in every form that a metric compares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from photochrom.color.spaces import rgb_to_lab, rgb_to_yuv


@dataclass(frozen=True)
class Pair:
    """What was predicted and what is true.

    Attributes: ``predicted`` and ``true`` are sRGB ``(3, H, W)`` uint8; ``name`` is the picture's;
    ``logits`` ``(Q, h, w)`` and ``centers`` ``(Q, 2)`` are there for models that classify colors
    and were opened from a checkpoint; ``confidence`` ``(h, w)`` in 0..1 for models that give it;
    ``known_true_lab`` is the truth's Lab where it is at hand, as several methods share it.
    """

    predicted: np.ndarray
    true: np.ndarray
    name: str = ""
    logits: np.ndarray | None = None
    centers: np.ndarray | None = None
    confidence: np.ndarray | None = None
    known_true_lab: np.ndarray | None = None

    @cached_property
    def predicted_lab(self) -> np.ndarray:
        """Lab ``(3, H, W)``."""
        return _lab(self.predicted)

    @cached_property
    def true_lab(self) -> np.ndarray:
        """Lab ``(3, H, W)``."""
        return _lab(self.true) if self.known_true_lab is None else self.known_true_lab

    @cached_property
    def predicted_yuv(self) -> np.ndarray:
        """Y, U, V of BT.601 ``(3, H, W)``."""
        return _yuv(self.predicted)

    @cached_property
    def true_yuv(self) -> np.ndarray:
        """Y, U, V of BT.601 ``(3, H, W)``."""
        return _yuv(self.true)

    @cached_property
    def ab_error(self) -> np.ndarray:
        """Distance in the ab plane ``(H, W)``, in Lab units."""
        error: np.ndarray = np.hypot(*(self.predicted_lab[1:] - self.true_lab[1:]))
        return error


def _lab(rgb: np.ndarray) -> np.ndarray:
    lab: np.ndarray = rgb_to_lab(rgb.astype(np.float32) / 255)
    return lab


def _yuv(rgb: np.ndarray) -> np.ndarray:
    yuv: np.ndarray = rgb_to_yuv(rgb.astype(np.float32) / 255)
    return yuv
