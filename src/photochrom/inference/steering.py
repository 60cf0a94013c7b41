"""A whole photograph steered by the colors of another picture, or by a palette.

Networks are not trained for this, but those over bins of color say how probable every color is for
every place, and that can be weighed: each bin gets one factor for the whole photograph. For a
reference the factors are those with which the photograph holds each color as often as the
reference does: of all distributions with that histogram the one nearest to the network's
(iterative proportional fitting, Deming and Stephan 1940). What the network knows of the places
decides who gets which color; no place is matched with another.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.arrays import softmax
from photochrom.color.distribution import Distribution
from photochrom.color.encoding import annealed_mean, encode_soft
from photochrom.errors import WrongInput
from photochrom.inference.palette import open_palette
from photochrom.inference.settings import check_range

INFLUENCE = 0.7
"""How far the factors are used: all the way also brings what the reference has alone."""

SPREAD = 8.0
"""Of a reference's colors, in Lab units: a few more or less of one color must not matter."""

TOLERANCE = 10.0
"""How far colors may lie from a palette's, in Lab units."""

_KEPT = 0.02
_ROUNDS = 12
_TINY = 1e-9
_UNLIKELY = 1e-4


@dataclass(frozen=True)
class Steering:
    """Colors ``ab`` ``(K, 2)`` in Lab units that a photograph is to have.

    ``shares`` ``(K,)``, summing to one, say how much of it each is to take; None: as much as fits.
    ``influence`` 0..1 goes from not at all to all the way. ``label`` is what provenance calls it;
    ``digest`` tells apart what it calls the same, as two references of one file name.
    """

    ab: np.ndarray
    shares: np.ndarray | None
    influence: float = INFLUENCE
    label: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        """Raise :class:`WrongInput` if the influence is out of range."""
        check_range("influence", self.influence, 0, 1)

    def __str__(self) -> str:
        """As provenance says it."""
        return f"{self.label} influence={self.influence:g}"

    def colors(self, found: Distribution, *, temperature: float) -> np.ndarray:
        """``(N, 2, h, w)`` in Lab units: annealed means of the weighed distributions."""
        weigh = self._near if self.shares is None else self._fitted
        factors = np.stack([weigh(p, found.centers) for p in found.probabilities])
        logits = found.logits + np.float32(self.influence) * factors[:, :, None, None]
        ab: np.ndarray = annealed_mean(logits.astype(np.float32), found.centers, temperature)
        return ab

    def _near(self, probabilities: np.ndarray, centers: np.ndarray) -> np.ndarray:
        """Logarithms of factors ``(Q,)``: bins near a color of the palette, hardly any other."""
        distance = ((centers[:, None] - self.ab[None]) ** 2).sum(2).min(1)
        factors: np.ndarray = np.log(np.exp(-distance / (2 * TOLERANCE**2)) + _UNLIKELY)
        return factors

    def _fitted(self, probabilities: np.ndarray, centers: np.ndarray) -> np.ndarray:
        """Logarithms of factors ``(Q,)`` with which the bins are as frequent as the shares say."""
        assert self.shares is not None
        points = self.ab.T[None, :, :, None].astype(np.float32)
        wanted = encode_soft(points, centers, sigma=SPREAD, neighbors=None)[0, :, :, 0]
        flat = probabilities.reshape(len(centers), -1)
        # Some of the network's own colors stay, or places that fit none would get any.
        target = (1 - _KEPT) * (wanted @ self.shares) + _KEPT * flat.mean(1)
        logarithms, factors = np.log(flat + _TINY), np.zeros(len(centers), dtype=np.float32)
        for _ in range(_ROUNDS):
            frequent = softmax(logarithms + factors[:, None], 0).mean(1)
            factors += (np.log(target + _TINY) - np.log(frequent + _TINY)).astype(np.float32)
        return factors


def steering_by(
    reference: Any = None, palette: Any = None, influence: float | None = None
) -> Steering | None:
    """By a picture in color (a path, bytes, a PIL image, an array) or by a palette; or by neither.

    Raises :class:`WrongInput` for both, a gray reference or a palette that is none, and
    :class:`PhotoError` for a reference that cannot be read.
    """
    if reference is not None and palette is not None:
        message = "a photo is steered by a reference or by a palette, not by both"
        raise WrongInput(message)
    if reference is None and palette is None:
        if influence is not None:
            message = "influence is that of a reference or a palette: give one"
            raise WrongInput(message)
        return None
    influence = INFLUENCE if influence is None else influence
    if palette is not None:
        chosen = open_palette(palette)
        return Steering(chosen.ab, chosen.shares, influence, f"palette={chosen}")
    # What reads pictures in color is not loaded for all who give none.
    from photochrom.inference.reference import read_reference

    ab, digest = read_reference(reference)
    name = Path(reference).name if isinstance(reference, str | Path) else "picture"
    shares = np.full(len(ab), 1 / len(ab))
    return Steering(ab, shares, influence, f"reference={name}", digest)
