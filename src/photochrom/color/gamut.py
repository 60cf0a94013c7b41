"""Keeping colors inside sRGB by shrinking chroma, never by clipping: clipping moves lightness."""

from __future__ import annotations

from collections.abc import Sequence

from photochrom.color.arrays import Array, namespace
from photochrom.color.spaces import YCBCR_TO_RGB, lab_to_rgb

_RED_CR_GREEN_CB_CR_BLUE_CB = tuple(
    float(YCBCR_TO_RGB[place]) for place in ((0, 2), (1, 1), (1, 2), (2, 1))
)
_TINY = 1e-7
_ROUNDING = 2e-5
"""How far float32 Lab of a color of sRGB may lie outside 0..1 on its way back."""


def chroma_headroom(
    luma: Array, cb: Array, cr: Array, *, luma_high: Array | None = None, white: float = 1.0
) -> Array:
    """Largest factor in 0..1 on ``(cb, cr)`` that keeps red, green and blue within 0..white.

    Args:
        luma: Y' in 0..white, any shape.
        cb: blue difference of the same shape and unit, 0 for gray.
        cr: red difference.
        luma_high: where one chroma sample serves several pixels, their greatest luma; ``luma`` is
            then their least.
        white: value of white: 1, 255 or 65535.

    Returns:
        The factor, of the same shape. Luma does not change when chroma is multiplied by it.
    """
    xp = namespace(luma)
    above, least = reach(cb, cr)
    below = -least
    # The floor gives a gray pixel of black or white, 0 / 0, the factor 1.
    room = xp.clip(white - (luma if luma_high is None else luma_high), _TINY * white, None)
    depth = xp.clip(luma, _TINY * white, None)
    return xp.minimum(room / xp.maximum(above, room), depth / xp.maximum(below, depth))


def above_luma(
    cb: Array, cr: Array, factors: Sequence[float] = _RED_CR_GREEN_CB_CR_BLUE_CB
) -> tuple[Array, Array, Array]:
    """How far red, green and blue are above luma, in the unit of ``cb`` and ``cr``.

    ``factors`` are those of cr in red, of cb and cr in green, and of cb in blue, where they are to
    be others: whole numbers, say.
    """
    red_cr, green_cb, green_cr, blue_cb = factors
    return red_cr * cr, green_cb * cb + green_cr * cr, blue_cb * cb


def reach(
    cb: Array, cr: Array, factors: Sequence[float] = _RED_CR_GREEN_CB_CR_BLUE_CB
) -> tuple[Array, Array]:
    """The most and the least of :func:`above_luma`: 0 and 0 for gray."""
    xp = namespace(cb)
    red, green, blue = above_luma(cb, cr, factors)
    most = xp.maximum(xp.maximum(red, blue), green)
    return most, xp.minimum(xp.minimum(red, blue), green)


def fit_chroma_to_luma(
    luma: Array, cb: Array, cr: Array, *, luma_high: Array | None = None, white: float = 1.0
) -> tuple[Array, Array]:
    """``cb`` and ``cr`` shrunk at constant luma until sRGB holds the color.

    Arguments as for :func:`chroma_headroom`.
    """
    scale = chroma_headroom(luma, cb, cr, luma_high=luma_high, white=white)
    return cb * scale, cr * scale


def fit_lab_to_gamut(lab: Array, *, rounds: int = 10) -> Array:
    """Lab ``(..., 3, H, W)`` with ab shrunk at constant lightness and hue until sRGB holds it.

    Bisection: after ``rounds`` the factor on ab is within 1 / 2**rounds of where the ray of this
    hue leaves sRGB. Colors that sRGB holds are returned unchanged.
    """
    xp = namespace(lab)
    L, ab = lab[..., 0:1, :, :], lab[..., 1:3, :, :]

    def fits(scale: Array) -> Array:
        rgb = lab_to_rgb(xp.concatenate([L, ab * scale], -3))
        inside = (rgb > -_ROUNDING) & (rgb < 1 + _ROUNDING)
        return inside[..., 0:1, :, :] & inside[..., 1:2, :, :] & inside[..., 2:3, :, :]

    whole = fits(xp.ones_like(L))
    low, high = xp.zeros_like(L), xp.ones_like(L)
    for _ in range(rounds):
        middle = (low + high) / 2
        inside = fits(middle)
        low, high = xp.where(inside, middle, low), xp.where(inside, high, middle)
    scale = xp.where(whole, xp.ones_like(L), low)
    return xp.concatenate([L, ab * scale], -3)
