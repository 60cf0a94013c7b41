"""What lens, emulsion, years and scanner do to a picture's lightness, each by picture.

All take and give ``(B, 1, H, W)``; what is drawn for each picture has the shape ``(B, 1, 1, 1)``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from photochrom.data.draws import Draws
from photochrom.photo.jpeg_tables import LUMA

_LINES, _SPECKS = 3, 8


def vignette(exposure: Tensor, loss: Tensor, center: Tensor) -> Tensor:
    """Darken ``exposure`` (linear light) away from ``center`` ``(B, 2, 1, 1)`` in -1..1.

    ``loss`` is the share of light that a corner of a centered picture loses.
    """
    y, x = _grid(exposure)
    squared = ((x - center[:, :1]) ** 2 + (y - center[:, 1:]) ** 2) / 2
    return exposure * (1 - loss * squared).clamp(0, 1)


def blur(picture: Tensor, deviation: Tensor, *, largest: float) -> Tensor:
    """Gaussian blur, a standard deviation in pixels, up to ``largest``, for each; 0 is none."""
    return _convolve(picture, _gaussian(deviation, largest))


def grain(lightness: Tensor, white_noise: Tensor, deviation: Tensor, size: Tensor) -> Tensor:
    """Add grain of a standard deviation in units of L, strongest in the middle tones.

    ``size``, 0..1, is the standard deviation in pixels of the clumps that ``white_noise`` is
    gathered to.
    """
    kernel = _gaussian(size, 1.0)
    # Blurring a noise scales its deviation by the norm of the kernel, here of its outer product.
    norm = (kernel**2).sum(1).reshape(-1, 1, 1, 1)
    t = (lightness / 100).clamp(0, 1)
    return lightness + _convolve(white_noise, kernel) / norm * deviation * (0.3 + 2.8 * t * (1 - t))


def scratch(lightness: Tensor, draws: Draws, opacity: Tensor) -> Tensor:
    """Draw a few scratches and specks of dust, light or dark, as opaque as ``opacity`` (0..1)."""
    drawn = draws.uniform(_LINES + _SPECKS, 9, 1, 1, 1).movedim(0, 2).to(lightness.device)
    y, x = _grid(lightness)
    pixel = 2 / min(lightness.shape[-2:])
    for number in range(_LINES + _SPECKS):
        draw = drawn[number]
        # Dust and scratches lie on the negative as often as on the print: light ones prevail.
        level = torch.where(draw[0] < 0.7, 100.0, 0.0)
        angle = draw[1] * math.pi
        along = (x - draw[2] * 2 + 1) * angle.cos() + (y - draw[3] * 2 + 1) * angle.sin()
        across = (y - draw[3] * 2 + 1) * angle.cos() - (x - draw[2] * 2 + 1) * angle.sin()
        if number < _LINES:
            across = across + 0.05 * draw[8] * (along * (1 + 3 * draw[4])).sin()
            length, width = 0.1 + 1.5 * draw[5], (0.15 + 0.5 * draw[6]) * pixel
        else:
            length, width = (0.4 + 2.2 * draw[5]) * pixel, (0.4 + 0.8 * draw[6]) * pixel
        outside = torch.maximum(across.abs() - width, along.abs() - length)
        present = draw[8] < (0.4 if number < _LINES else 0.7)
        cover = (0.5 - outside / pixel).clamp(0, 1) * opacity * draw[7].sqrt()
        lightness = torch.lerp(lightness, level.expand_as(lightness), cover * present)
    return lightness


def compress(lightness: Tensor, quality: Tensor) -> Tensor:
    """Quantize L, scaled to 8 bits, as the luma of a JPEG of ``quality`` 1..100 (T.81)."""
    count, _, height, width = lightness.shape
    table = torch.tensor(LUMA, dtype=lightness.dtype, device=lightness.device)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    steps = (table * scale.reshape(-1, 1, 1, 1, 1)).clamp(1, 255)
    padded = functional.pad(lightness, (0, -width % 8, 0, -height % 8), mode="replicate")
    blocks = padded * 2.55 - 128
    blocks = blocks.reshape(count, padded.shape[-2] // 8, 8, padded.shape[-1] // 8, 8)
    blocks = blocks.transpose(2, 3)
    cosines = _cosines(lightness)
    frequencies = cosines @ blocks @ cosines.T
    kept = (frequencies / steps).round() * steps
    restored = (cosines.T @ kept @ cosines).transpose(2, 3).reshape(padded.shape)
    return ((restored + 128) / 2.55)[..., :height, :width]


def _grid(like: Tensor) -> tuple[Tensor, Tensor]:
    """Rows ``(H, 1)`` and columns ``(1, W)`` in units of half the shorter side, 0 in the middle."""
    height, width = like.shape[-2:]
    half = min(height, width) / 2
    y = (torch.arange(height, device=like.device) - (height - 1) / 2) / half
    x = (torch.arange(width, device=like.device) - (width - 1) / 2) / half
    return y[:, None], x[None, :]


def _gaussian(deviation: Tensor, largest: float) -> Tensor:
    """Kernels ``(B, K)`` of sum 1, K by the ``largest`` deviation; one near 0 is the identity."""
    flat = deviation.reshape(-1, 1).clamp_min(1e-3)
    reach = max(1, math.ceil(2.5 * largest))
    offsets = torch.arange(-reach, reach + 1, device=deviation.device)
    kernel = torch.exp(-0.5 * (offsets / flat) ** 2)
    return kernel / kernel.sum(1, keepdim=True)


def _convolve(picture: Tensor, kernel: Tensor) -> Tensor:
    """Convolve each picture with its own kernel ``(B, K)`` along both axes, edges repeated."""
    height, width = picture.shape[-2:]
    reach = kernel.shape[1] // 2
    weights = kernel.T.reshape(-1, len(picture), 1, 1, 1)
    padded = functional.pad(picture, (reach,) * 4, "replicate")
    # Sums, not convolutions: those may round by how many pictures they are given at a time.
    rows = torch.zeros_like(padded[..., :height, :])
    for k, weight in enumerate(weights):
        rows = rows + weight * padded[..., k : k + height, :]
    blurred = torch.zeros_like(picture)
    for k, weight in enumerate(weights):
        blurred = blurred + weight * rows[..., k : k + width]
    return blurred


def _cosines(like: Tensor) -> Tensor:
    """The orthonormal DCT matrix ``(8, 8)``: rows are frequencies."""
    index = torch.arange(8, dtype=like.dtype, device=like.device)
    matrix = torch.cos(math.pi / 8 * (index + 0.5) * index[:, None]) / 2
    matrix[0] /= math.sqrt(2)
    return matrix
