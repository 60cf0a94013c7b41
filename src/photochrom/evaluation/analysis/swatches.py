"""Lab colors as the screen shows them, and the few colors that a histogram is mainly made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photochrom.color.gamut import fit_lab_to_gamut
from photochrom.color.spaces import lab_to_rgb

NEAR = 16.0
"""Bins nearer than this in ab are one color to a swatch."""


@dataclass(frozen=True)
class Swatch:
    """One of a histogram's main colors: Lab ``(3,)`` and its share of the pixels."""

    lab: np.ndarray
    share: float


def displayed(lab: np.ndarray) -> np.ndarray:
    """Lab ``(n, 3)`` to sRGB ``(n, 3)`` in 0..1; chroma is shrunk where sRGB has no such color."""
    rgb = lab_to_rgb(fit_lab_to_gamut(lab.astype(np.float64).T[:, None, :]))
    shown: np.ndarray = np.clip(rgb[:, 0, :].T, 0, 1)
    return shown


def hex_color(rgb: np.ndarray) -> str:
    """``#rrggbb`` of sRGB ``(3,)`` in 0..1."""
    return "#" + "".join(f"{level:02x}" for level in np.round(rgb * 255).astype(int))


def main_colors(
    shares: np.ndarray, lightness: np.ndarray, centers: np.ndarray, count: int
) -> list[Swatch]:
    """The ``count`` or fewer colors that most pixels have, the most frequent first.

    Again and again the most frequent bin that is left makes a color of itself and all bins nearer
    than ``NEAR``: the bins around gray, all alike to the eye, would else take every swatch.

    Args:
        shares: of the pixels, ``(Q,)``.
        lightness: L summed over the bin's pixels divided by all pixels, ``(Q,)``.
        centers: the bins' ab ``(Q, 2)``.
        count: colors wanted.
    """
    left = shares.astype(np.float64).copy()
    found: list[Swatch] = []
    while len(found) < count and left.max() > 0:
        distance = np.hypot(*(centers - centers[left.argmax()]).T)
        part = np.where(distance < NEAR, left, 0)
        share = part.sum()
        ab = (part[:, None] * centers).sum(0) / share
        taken = part > 0
        found.append(Swatch(np.array([lightness[taken].sum() / share, *ab]), float(share)))
        left[taken] = 0
    return sorted(found, key=lambda swatch: -swatch.share)
