"""What the user chose."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from photochrom.errors import WrongInput


@dataclass(frozen=True)
class Settings:
    """How photographs are colored.

    Attributes: ``vividness`` 0..1 on the model's dial, or ``rebalance`` 0..1 and ``temperature``
    above 0 set by hand (None: from the dial); ``strength`` 0..2 multiplies the chroma; ``size`` is
    the shorter side that the network sees (None: the model's own); ``upsampling`` is "bicubic" or
    "guided"; ``keep_tint`` leaves the tone of a sepia print or tinted scan under the new colors;
    ``steering`` says in words what else decides.
    """

    vividness: float | None = None
    rebalance: float | None = None
    temperature: float | None = None
    strength: float = 1.0
    size: int | None = None
    upsampling: str = "bicubic"
    keep_tint: bool = False
    steering: str = ""

    def __post_init__(self) -> None:
        """Raise :class:`WrongInput` for a value out of its range."""
        ranges: tuple[tuple[str, float, float], ...] = (
            ("vividness", 0, 1),
            ("rebalance", 0, 1),
            ("temperature", 0.05, 5),
            ("strength", 0, 2),
            ("size", 32, 2048),
        )
        for name, low, high in ranges:
            value = getattr(self, name)
            if value is not None or name == "strength":
                check = check_whole if name == "size" else check_range
                check(name, value, low, high)
        if self.upsampling not in ("bicubic", "guided"):
            message = f"upsampling must be bicubic or guided, not {self.upsampling!r}"
            raise WrongInput(message)


def check_range(name: str, value: Any, low: float, high: float) -> None:
    """Raise :class:`WrongInput` for what is no number from ``low`` to ``high``."""
    is_number = isinstance(value, Real)
    if not (is_number and low <= value <= high):
        message = f"{name} must be between {low:g} and {high:g}, not {_said(value)}"
        raise WrongInput(message)


def check_whole(name: str, value: Any, low: float, high: float) -> None:
    """Raise :class:`WrongInput` for what is no whole number from ``low`` to ``high``."""
    is_whole = isinstance(value, Integral)
    if not (is_whole and low <= value <= high):
        message = f"{name} must be a whole number between {low:g} and {high:g}, not {_said(value)}"
        raise WrongInput(message)


def _said(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else repr(value)
