"""How steady the colors of a clip are."""

from __future__ import annotations

import numpy as np

from photochrom.errors import WrongInput

DISTANCES = (1, 2, 4)


def color_distribution_consistency(
    frames: np.ndarray, distances: tuple[int, ...] = DISTANCES
) -> float:
    """CDC of frames ``(F, 3, H, W)`` of bytes: 0 for a still clip, at most log 2; lower is better.

    Liu et al. 2024: the mean Jensen-Shannon divergence, in nats, of the 256-bin histograms of R, of
    G and of B of frames that lie 1, 2 and 4 apart, the three distances weighing alike. It knows no
    truth, and gray clips come out best but for their light: print colorfulness beside it.

    Raises:
        WrongInput: the frames are of another shape or kind, or fewer than the greatest distance.
    """
    if frames.ndim != 4 or frames.shape[1] != 3 or frames.dtype != np.uint8:
        message = f"frames must be (F, 3, H, W) bytes, not {frames.dtype} of shape {frames.shape}"
        raise WrongInput(message)
    if len(frames) <= max(distances):
        message = f"CDC needs at least {max(distances) + 1} frames, not {len(frames)}"
        raise WrongInput(message)
    planes = frames.reshape(len(frames) * 3, -1)
    counts = np.stack([np.bincount(plane, minlength=256) for plane in planes])
    shares = (counts / planes.shape[1]).reshape(len(frames), 3, 256)
    means = [_divergence(shares[:-apart], shares[apart:]).mean() for apart in distances]
    return float(np.mean(means))


def warp_error(
    frames_ab: np.ndarray, flows: np.ndarray, visible: np.ndarray | None = None
) -> float:
    """How far colors are from where motion carries them, in Lab units; 0 for perfectly steady ones.

    After Lai et al. 2018: each frame beside the next one, carried back along the flow, at the
    pixels that are visible in both; here the root of the mean squared difference per ab value.

    Args:
        frames_ab: ``(F, 2, H, W)`` in Lab units.
        flows: ``(F - 1, 2, H, W)``: how many pixels right and down what a pixel shows lies in the
            next frame; between pixels the next frame is interpolated.
        visible: ``(F - 1, H, W)`` booleans, False where the next frame hides what a pixel shows.
            Pixels that leave the picture never count.

    Raises:
        WrongInput: the shapes do not fit, or no pixel is visible anywhere.
    """
    count, _, height, width = frames_ab.shape if frames_ab.ndim == 4 else (0, 0, 0, 0)
    if count < 2 or frames_ab.shape[1] != 2 or flows.shape != (count - 1, *frames_ab.shape[1:]):
        message = (
            "ab must be (F, 2, H, W) with 2 frames or more and flows (F - 1, 2, H, W), not of "
            f"shapes {frames_ab.shape} and {flows.shape}"
        )
        raise WrongInput(message)
    if visible is not None and visible.shape != (count - 1, height, width):
        message = f"visible must be of shape {(count - 1, height, width)}, not {visible.shape}"
        raise WrongInput(message)
    total, values = 0.0, 0
    for index, flow in enumerate(flows):
        carried, inside = _carry_back(frames_ab[index + 1], flow)
        kept = inside if visible is None else inside & visible[index]
        difference = (carried - frames_ab[index])[:, kept].astype(np.float64)
        total += float(np.square(difference).sum())
        values += difference.size
    if not values:
        message = "no pixel of the clip is visible in the next frame"
        raise WrongInput(message)
    return float(np.sqrt(total / values))


def _divergence(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Jensen-Shannon divergence of distributions over the last axis, in nats."""
    middle = (one + other) / 2
    result: np.ndarray = (_entropy(one, middle) + _entropy(other, middle)) / 2
    return result


def _entropy(one: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Entropy relative to a distribution that is 0 nowhere where this one is not."""
    ratio = np.divide(one, middle, out=np.ones_like(one), where=one > 0)
    result: np.ndarray = (one * np.log(ratio)).sum(-1)
    return result


def _carry_back(ab: np.ndarray, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear values ``(2, H, W)`` at the end of each pixel's motion, and which lie inside."""
    height, width = ab.shape[1:]
    x = np.arange(width) + flow[0]
    y = np.arange(height)[:, None] + flow[1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = x - left, y - top
    upper = ab[:, top, left] * (1 - across) + ab[:, top, right] * across
    lower = ab[:, bottom, left] * (1 - across) + ab[:, bottom, right] * across
    return upper * (1 - down) + lower * down, inside
