"""One picture as a model colored it, beside the truth, in every form that a metric compares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from photochrom.color.colorfulness import colorfulness
from photochrom.color.spaces import (
    linear_rgb_to_xyz,
    rgb_to_linear_rgb,
    rgb_to_yuv,
    xyz_to_lab,
)

_LINEAR = rgb_to_linear_rgb(np.arange(256) / 255).astype(np.float32)
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Pair:
    """What was predicted and what is true.

    Attributes: ``predicted`` and ``true`` are sRGB ``(3, H, W)`` uint8; ``name`` is the picture's;
    ``logits`` ``(Q, h, w)`` and ``centers`` ``(Q, 2)`` are there for models that classify colors
    and say so.
    """

    predicted: np.ndarray
    true: np.ndarray
    name: str = ""
    logits: np.ndarray | None = None
    centers: np.ndarray | None = None

    @cached_property
    def predicted_lab(self) -> np.ndarray:
        """Lab ``(3, H, W)``."""
        return lab_of(self.predicted)

    @cached_property
    def true_lab(self) -> np.ndarray:
        """Lab ``(3, H, W)``."""
        return lab_of(self.true)

    @cached_property
    def predicted_chroma(self) -> np.ndarray:
        """Length of ab ``(H, W)``, in Lab units."""
        return _chroma(self.predicted_lab)

    @cached_property
    def true_chroma(self) -> np.ndarray:
        """Length of ab ``(H, W)``, in Lab units."""
        return _chroma(self.true_lab)

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
        return _chroma(self.predicted_lab - self.true_lab)

    @cached_property
    def predicted_colorfulness(self) -> float:
        """Signed, as printed."""
        return float(colorfulness(self.predicted))

    @cached_property
    def predicted_absolute_colorfulness(self) -> float:
        """Of the opponent channels' absolute values."""
        return float(colorfulness(self.predicted, absolute=True))

    @cached_property
    def true_colorfulness(self) -> float:
        """Signed, as printed."""
        return float(colorfulness(self.true))

    @cached_property
    def true_absolute_colorfulness(self) -> float:
        """Of the opponent channels' absolute values."""
        return float(colorfulness(self.true, absolute=True))

    @cached_property
    def true_findings(self) -> dict[object, Any]:
        """What metrics found in the truth, by who found it."""
        return {}

    @cached_property
    def predicted_findings(self) -> dict[object, Any]:
        """What metrics found in the result, by who found it."""
        return {}

    def of_truth(self, finder: object, find: Callable[[Pair], _Found]) -> _Found:
        """What ``find`` makes of the truth; once for each ``finder`` and all results beside it."""
        return self._once(self.true_findings, finder, find)

    def of_result(self, finder: object, find: Callable[[Pair], _Found]) -> _Found:
        """What ``find`` makes of the result; once for each ``finder``."""
        return self._once(self.predicted_findings, finder, find)

    def _once(
        self, known: dict[object, Any], finder: object, find: Callable[[Pair], _Found]
    ) -> _Found:
        if finder not in known:
            known[finder] = find(self)
        found: _Found = known[finder]
        return found

    def beside(self, predicted: np.ndarray, **facts: Any) -> Pair:
        """Another result beside the same truth, of which nothing is computed again.

        ``facts`` are its own logits and centers.
        """
        other = Pair(predicted, self.true, self.name, **facts)
        _ = self.true_findings  # made, so that it is shared from now on
        vars(other).update({k: v for k, v in vars(self).items() if k.startswith("true_")})
        return other


def ab_at(ab: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Ab ``(2, H, W)`` averaged to ``size`` ``(h, w)``, which need not divide its own."""
    height, width = size
    planes = [Image.fromarray(np.asarray(plane, dtype=np.float32)) for plane in ab]
    small = [np.asarray(p.resize((width, height), Image.Resampling.BOX)) for p in planes]
    return np.stack(small)


def lab_of(rgb: np.ndarray) -> np.ndarray:
    """Lab of sRGB ``(3, H, W)`` uint8."""
    # A byte has 256 values: looking the curve up halves the time, which every picture costs.
    lab: np.ndarray = xyz_to_lab(linear_rgb_to_xyz(np.take(_LINEAR, rgb)))
    return lab


def _chroma(lab: np.ndarray) -> np.ndarray:
    # Several times as quick as hypot, which guards against numbers that no color has.
    chroma: np.ndarray = np.sqrt(lab[1] * lab[1] + lab[2] * lab[2])
    return chroma


def _yuv(rgb: np.ndarray) -> np.ndarray:
    yuv: np.ndarray = rgb_to_yuv(rgb.astype(np.float32) / 255)
    return yuv
