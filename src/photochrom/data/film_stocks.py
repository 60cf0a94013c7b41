"""Which light a film sees: weights of linear red, green and blue, and the exposure they give.

The weights were chosen here from where the sensitivity of each kind of emulsion ends: silver halide
alone at about 500 nm, orthochromatic at 590, panchromatic at 660 and beyond, where it exceeds the
eye's in blue and red. Needs no torch: pictures are judged as films saw them, too.
"""

from __future__ import annotations

import numpy as np

from photochrom.color.arrays import Array, constant, namespace
from photochrom.color.spaces import RGB_TO_XYZ, linear_rgb_to_rgb, rgb_to_linear_rgb

EYE: tuple[float, ...] = tuple(RGB_TO_XYZ[1].tolist())
STOCKS: dict[str, tuple[float, float, float]] = {
    "blue-sensitive": (0.0, 0.08, 0.92),
    "orthochromatic": (0.02, 0.53, 0.45),
    "panchromatic": (0.31, 0.36, 0.33),
    "panchromatic, yellow filter": (0.42, 0.52, 0.06),
    "panchromatic, red filter": (0.90, 0.09, 0.01),
}


def expose(rgb: Array, weights: Array) -> Array:
    """Exposure ``(B, 1, H, W)`` in 0..1 of sRGB ``(B, 3, H, W)`` in 0..1 by ``weights`` ``(B, 3)``.

    A gray of whatever level gives its own linear level, whatever the weights.
    """
    weights = constant(weights, rgb).reshape(-1, 3, 1, 1)
    return (rgb_to_linear_rgb(rgb) * weights).sum(1)[:, None]


def meter(exposure: Array, brightness: Array) -> Array:
    """Set the exposure as a photographer would: a film that sees less of a scene gets more light.

    Args:
        exposure: ``(B, 1, H, W)`` in 0..1.
        brightness: the mean exposure ``(B, 1, 1, 1)`` that it should come near to.

    Returns:
        The same shape, in 0..1: black and white stay, tones keep their order, and a picture that
        has the brightness already is unchanged.
    """
    mean = exposure.mean((1, 2, 3))[:, None, None, None]
    gain = namespace(exposure).clip((brightness + 1e-3) / (mean + 1e-3), 1 / 4, 4)
    return gain * exposure / (1 + (gain - 1) * exposure)


def gray_on(stock: str, rgb: np.ndarray) -> np.ndarray:
    """Luma ``(H, W)`` uint8 of ``(3, H, W)`` uint8, as a film of ``STOCKS`` shows it, metered."""
    scaled = rgb[None].astype(np.float32) / 255
    exposure, seen = (expose(scaled, [weights]) for weights in (STOCKS[stock], EYE))
    metered = meter(exposure, seen.mean((1, 2, 3))[:, None, None, None])
    luma = np.rint(255 * linear_rgb_to_rgb(metered)[0, 0])
    return np.asarray(luma.clip(0, 255), dtype=np.uint8)
