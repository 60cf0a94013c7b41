"""Conversions between sRGB, linear RGB, XYZ, CIE Lab, YUV and luma.

Arrays are channels first, ``(..., 3, H, W)`` or any shape whose axis -3 holds the channels. ``rgb``
is sRGB in 0..1, ``xyz`` has white at Y = 1, ``lab`` has L in 0..100 and ab in Lab units (a -86..98,
b -108..94 for sRGB), ``luma`` is Rec. 601 Y' in 0..1: what a decoder calls gray.

Sources: IEC 61966-2-1 (sRGB), CIE 15 (Lab, with the exact constants 216/24389 and 24389/27),
ITU-R BT.601 (luma, YUV). The white point is the row sum of the RGB to XYZ matrix (D65, 2 degrees),
so that a gray is exactly neutral.
"""

from __future__ import annotations

import numpy as np

from photochrom.color.arrays import Array, constant, namespace

RGB_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
XYZ_TO_RGB = np.linalg.inv(RGB_TO_XYZ)
WHITE = RGB_TO_XYZ.sum(axis=1)
LUMA = np.array([0.299, 0.587, 0.114])
RGB_TO_YUV = np.array(
    [
        LUMA,
        0.492 * (np.array([0, 0, 1]) - LUMA),
        0.877 * (np.array([1, 0, 0]) - LUMA),
    ]
)
YUV_TO_RGB = np.linalg.inv(RGB_TO_YUV)
RGB_TO_YCBCR = np.array(
    [
        LUMA,
        (np.array([0, 0, 1]) - LUMA) / (2 * (1 - LUMA[2])),
        (np.array([1, 0, 0]) - LUMA) / (2 * (1 - LUMA[0])),
    ]
)
YCBCR_TO_RGB = np.linalg.inv(RGB_TO_YCBCR)

EPSILON = 216 / 24389
KAPPA = 24389 / 27
_SRGB_ENCODED_KNEE = 0.04045
# The branches part in a gap from 0.00313080495 to 0.00313080728, below which the rounded 0.0031308
# of the standard lies: with it, 0.04045 would not return.
_SRGB_LINEAR_KNEE = _SRGB_ENCODED_KNEE / 12.92


def _mix(matrix: np.ndarray, x: Array) -> Array:
    """Apply a 3x3 matrix to axis -3; sums of products export to ONNX and stay exact on grays."""
    r, g, b = x[..., 0, :, :], x[..., 1, :, :], x[..., 2, :, :]
    rows = [float(m[0]) * r + float(m[1]) * g + float(m[2]) * b for m in matrix]
    return namespace(x).stack(rows, -3)


def rgb_to_linear_rgb(rgb: Array) -> Array:
    """Undo the sRGB transfer curve. ``rgb`` of any shape, 0..1; values below 0 stay linear."""
    xp = namespace(rgb)
    # The power's base is clamped inside its branch: where() alone would leak NaN gradients.
    curve = ((xp.clip(rgb, _SRGB_ENCODED_KNEE, None) + 0.055) / 1.055) ** 2.4
    return xp.where(rgb > _SRGB_ENCODED_KNEE, curve, rgb / 12.92)


def linear_rgb_to_rgb(linear_rgb: Array) -> Array:
    """Apply the sRGB transfer curve. Any shape; values outside 0..1 are carried on."""
    xp = namespace(linear_rgb)
    curve = 1.055 * xp.clip(linear_rgb, _SRGB_LINEAR_KNEE, None) ** (1 / 2.4) - 0.055
    return xp.where(linear_rgb > _SRGB_LINEAR_KNEE, curve, linear_rgb * 12.92)


def linear_rgb_to_xyz(linear_rgb: Array) -> Array:
    """Linear RGB ``(..., 3, H, W)`` to XYZ with white at Y = 1."""
    return _mix(RGB_TO_XYZ, linear_rgb)


def xyz_to_linear_rgb(xyz: Array) -> Array:
    """XYZ ``(..., 3, H, W)`` to linear RGB; colors outside sRGB leave 0..1."""
    return _mix(XYZ_TO_RGB, xyz)


def _lab_curve(t: Array) -> Array:
    xp = namespace(t)
    return xp.where(t > EPSILON, xp.clip(t, EPSILON, None) ** (1 / 3), (KAPPA * t + 16) / 116)


def _lab_curve_inverse(f: Array) -> Array:
    xp = namespace(f)
    return xp.where(f > 6 / 29, f * f * f, (116 * f - 16) / KAPPA)


def xyz_to_lab(xyz: Array) -> Array:
    """XYZ ``(..., 3, H, W)`` to Lab: L 0..100, ab in Lab units (CIE 15)."""
    white = constant(WHITE.reshape(3, 1, 1), xyz)
    f = _lab_curve(xyz / white)
    x, y, z = f[..., 0, :, :], f[..., 1, :, :], f[..., 2, :, :]
    return namespace(xyz).stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -3)


def lab_to_xyz(lab: Array) -> Array:
    """Lab ``(..., 3, H, W)`` to XYZ with white at Y = 1."""
    L, a, b = lab[..., 0, :, :], lab[..., 1, :, :], lab[..., 2, :, :]
    y = (L + 16) / 116
    f = namespace(lab).stack([y + a / 500, y, y - b / 200], -3)
    return _lab_curve_inverse(f) * constant(WHITE.reshape(3, 1, 1), lab)


def rgb_to_lab(rgb: Array) -> Array:
    """SRGB ``(..., 3, H, W)`` in 0..1 to Lab: L 0..100, ab in Lab units."""
    return xyz_to_lab(linear_rgb_to_xyz(rgb_to_linear_rgb(rgb)))


def lab_to_rgb(lab: Array) -> Array:
    """Lab ``(..., 3, H, W)`` to sRGB; colors outside the gamut leave 0..1 and are not clipped."""
    return linear_rgb_to_rgb(xyz_to_linear_rgb(lab_to_xyz(lab)))


def rgb_to_yuv(rgb: Array) -> Array:
    """SRGB ``(..., 3, H, W)`` to Y' 0..1, U -0.436..0.436, V -0.615..0.615 (BT.601)."""
    return _mix(RGB_TO_YUV, rgb)


def yuv_to_rgb(yuv: Array) -> Array:
    """Y'UV ``(..., 3, H, W)`` (BT.601) to sRGB, not clipped."""
    return _mix(YUV_TO_RGB, yuv)


def uv_to_ab(uv: Array, luma: Array) -> Array:
    """U and V ``(..., 2, H, W)`` beside luma ``(..., 1, H, W)`` 0..1, to ab in Lab units.

    Colors that no display has are clipped to sRGB on the way, as the documents that predict U
    and V do when they show a picture.
    """
    xp = namespace(uv)
    join = xp.concatenate if xp.__name__ == "numpy" else xp.cat
    rgb = xp.clip(yuv_to_rgb(join([luma, uv], -3)), 0, 1)
    return rgb_to_lab(rgb)[..., 1:, :, :]


def rgb_to_ycbcr(rgb: Array) -> Array:
    """SRGB ``(..., 3, H, W)`` to full-range Y' 0..1, Cb and Cr -0.5..0.5 (JFIF, BT.601)."""
    return _mix(RGB_TO_YCBCR, rgb)


def ycbcr_to_rgb(ycbcr: Array) -> Array:
    """Full-range Y'CbCr ``(..., 3, H, W)`` (JFIF) to sRGB, not clipped."""
    return _mix(YCBCR_TO_RGB, ycbcr)


def rgb_to_luma(rgb: Array) -> Array:
    """SRGB ``(..., 3, H, W)`` to luma Y' ``(..., 1, H, W)`` in 0..1 (BT.601)."""
    r, g, b = rgb[..., 0:1, :, :], rgb[..., 1:2, :, :], rgb[..., 2:3, :, :]
    return float(LUMA[0]) * r + float(LUMA[1]) * g + float(LUMA[2]) * b


def luma_to_lightness(luma: Array) -> Array:
    """Luma of a gray pixel, 0..1, to its CIE lightness L, 0..100; any shape."""
    return 116 * _lab_curve(rgb_to_linear_rgb(luma)) - 16


def lightness_to_luma(L: Array) -> Array:
    """CIE lightness L, 0..100, to the luma 0..1 of the gray pixel that has it; any shape."""
    return linear_rgb_to_rgb(_lab_curve_inverse((L + 16) / 116))
