"""What a loaded model is to inference: the contract of a session, and what it is fed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from photochrom.color.distribution import Distribution
from photochrom.errors import ModelError, WrongInput
from photochrom.weights.cards import ModelCard


@dataclass(frozen=True)
class Chroma:
    """``ab`` ``(N, 2, h, w)`` float32 in Lab units; ``confidence`` ``(N, 1, h, w)`` in 0..1.

    Confidence is the probability of the most probable bin, not what ``--confidence`` maps: that of
    the true color being near the one shown.
    """

    ab: np.ndarray
    confidence: np.ndarray | None = None


class Session(Protocol):
    """A loaded model."""

    card: ModelCard
    device: str
    """What it computes on: "cpu", or another of :mod:`~photochrom.inference.devices`."""

    def run(
        self,
        lightness: np.ndarray,
        *,
        hints: np.ndarray | None = None,
        temperature: float | None = None,
        rebalance: float | None = None,
    ) -> Chroma:
        """Color ``(N, 1, H, W)`` float32 lightness in 0..100.

        Models of F frames also take ``(N, F, H, W)`` and color the middle one; a single frame
        stands still for them.
        """

    def distribution(
        self, lightness: np.ndarray, *, hints: np.ndarray | None = None
    ) -> Distribution:
        """How probable each color is for every place of the same pictures.

        Raises :class:`ModelError` if the model does not say.
        """


def cannot_run(card: ModelCard, feed: dict[str, np.ndarray], error: Exception) -> ModelError:
    """What to raise where the runtime gives up: mostly on a view too small for the network."""
    height, width = feed["lightness"].shape[2:]
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    message = (
        f"the model {card.name} cannot color a view of {width} x {height} pixels; it is made for "
        f"{card.working_size} on the shorter side ({reason})"
    )
    return ModelError(message)


def feeds(
    card: ModelCard,
    lightness: np.ndarray,
    *,
    hints: np.ndarray | None,
    temperature: float | None,
    rebalance: float | None,
) -> dict[str, np.ndarray]:
    """Inputs of the graph by name, defaults from the card.

    Raises :class:`WrongInput` for one that is not supported, or that no network could be given.
    """
    usual_rebalance, usual_temperature = card.settings(card.vividness)
    given = {"hints": hints, "temperature": temperature, "rebalance": rebalance}
    for name, value in given.items():
        if value is not None and name not in card.inputs:
            message = f"the model {card.name} takes no {name}"
            raise WrongInput(message)
    _check_lightness(card, lightness)
    if lightness.shape[1] == 1:
        lightness = np.repeat(lightness, card.frames, axis=1)
    result = {"lightness": np.ascontiguousarray(lightness, dtype=np.float32)}
    if "temperature" in card.inputs:
        value = usual_temperature if temperature is None else temperature
        result["temperature"] = np.array(value, dtype=np.float32)
    if "rebalance" in card.inputs:
        value = usual_rebalance if rebalance is None else rebalance
        result["rebalance"] = np.array(value, dtype=np.float32)
    if "hints" in card.inputs:
        batch, _, height, width = lightness.shape
        shape = (batch, 3, height, width)
        if hints is None:
            hints = np.zeros(shape, dtype=np.float32)
        elif not isinstance(hints, np.ndarray) or hints.shape != shape:
            message = f"hints must be an array of the shape {shape}, not {_described(hints)}"
            raise WrongInput(message)
        result["hints"] = hints.astype(np.float32)
    return result


def _check_lightness(card: ModelCard, lightness: np.ndarray) -> None:
    is_array = isinstance(lightness, np.ndarray) and lightness.dtype.kind in "iuf"
    frames = {1, card.frames}
    if (
        not is_array
        or lightness.ndim != 4
        or lightness.shape[1] not in frames
        or not lightness.size
    ):
        channels = " or ".join(map(str, sorted(frames)))
        message = (
            f"lightness must be an array of numbers (N, {channels}, height, width), not "
            f"{_described(lightness)}"
        )
        raise WrongInput(message)
    if not np.isfinite(lightness).all():
        message = "lightness must be numbers from 0 to 100; some are infinite or none"
        raise WrongInput(message)


def _described(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} of the shape {value.shape}"
    return type(value).__name__
