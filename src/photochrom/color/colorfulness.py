"""Colorfulness of Hasler and Suesstrunk (2003), in its two published forms. Numpy or torch."""

from __future__ import annotations

from photochrom.color.arrays import Array, namespace


def colorfulness(rgb: Array, *, absolute: bool = False, tiny: float = 0.0) -> Array:
    """Colorfulness of ``(..., 3, H, W)`` RGB in 0..255; 0 for gray, about 40 for photographs.

    Args:
        rgb: bytes or floats; bytes are computed with in float64, floats in their own precision.
        absolute: take the opponent channels' absolute values first, as the code of several
            colorization papers does, about 3 lower; else signed, as in the paper.
        tiny: added below both roots, whose slope at 0, where every gray picture is, has no end.

    Returns:
        ``(...)``; of one numpy picture a float.
    """
    xp = namespace(rgb)
    if xp.__name__ == "numpy" and not xp.issubdtype(rgb.dtype, xp.floating):
        rgb = rgb.astype(xp.float64)
    r, g, b = rgb[..., 0, :, :], rgb[..., 1, :, :], rgb[..., 2, :, :]
    opponents = xp.stack([r - g, (r + g) / 2 - b], -3)
    if absolute:
        opponents = abs(opponents)
    middle = opponents.mean((-2, -1))
    spread = ((opponents - middle[..., None, None]) ** 2).mean((-2, -1)).sum(-1)
    value = (spread + tiny) ** 0.5 + 0.3 * ((middle**2).sum(-1) + tiny) ** 0.5
    return float(value) if xp.__name__ == "numpy" and not value.ndim else value
