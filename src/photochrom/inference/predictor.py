"""A loaded model with its settings: a photograph in, what the network says of it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from os import PathLike
from typing import Any, Self

import numpy as np

from photochrom.color.distribution import Distribution
from photochrom.errors import ModelError
from photochrom.inference.hints import Hint, check_hints, hint_planes
from photochrom.inference.names import as_path
from photochrom.inference.opening import open_session
from photochrom.inference.session import Chroma, Session
from photochrom.inference.settings import Settings
from photochrom.inference.steering import Steering
from photochrom.inference.view import crop_output, network_input, seen_at, view_size
from photochrom.inference.windows import Window, joined, windows
from photochrom.photo.photo import Photo


class Predictor:
    """Asks one model; may be used from several threads."""

    def __init__(
        self,
        model: str | PathLike[str],
        settings: Settings,
        *,
        steering: Steering | None = None,
        threads: int | None = None,
        device: str = "cpu",
    ) -> None:
        """Load ``model``; raises :class:`ModelError`, also if it cannot be steered."""
        self.model, self.threads, self.device = as_path(model), threads, device
        self.settings, self.steering = settings, steering
        self.session: Session = open_session(self.model, threads=threads, device=device)
        if self.steering:
            self.check_distribution()

    def __repr__(self) -> str:
        """What it was made of, but for defaults."""
        usual = Settings()
        told = {f.name: getattr(self.settings, f.name) for f in fields(Settings)}
        told = {name: value for name, value in told.items() if value != getattr(usual, name)}
        told |= {} if self.threads is None else {"threads": self.threads}
        told |= {} if self.device == "cpu" else {"device": self.device}
        words = [repr(str(self.model)), *(f"{name}={value!r}" for name, value in told.items())]
        return f"{type(self).__name__}({', '.join(words)})"

    def __getstate__(self) -> dict[str, Any]:
        """All but the loaded model, which other processes load for themselves."""
        return {name: value for name, value in self.__dict__.items() if name != "session"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Load the model again; raises as :func:`~photochrom.inference.opening.open_session`."""
        self.__dict__ |= state
        self.session = open_session(self.model, threads=self.threads, device=self.device)

    def __copy__(self) -> Self:
        """One that shares the loaded model."""
        other = object.__new__(type(self))
        other.__dict__ |= self.__dict__
        return other

    @property
    def vividness(self) -> float | None:
        """The place on the model's dial; None where it has none, or was passed over by hand."""
        card, chosen = self.session.card, self.settings
        by_hand = chosen.rebalance is not None or chosen.temperature is not None
        if by_hand or not card.dial:
            return None
        return card.vividness if chosen.vividness is None else chosen.vividness

    @property
    def dial(self) -> tuple[float, float]:
        """The ``(rebalance, temperature)`` in force."""
        card, chosen = self.session.card, self.settings
        vividness = card.vividness if chosen.vividness is None else chosen.vividness
        rebalance, temperature = card.settings(vividness)
        return (
            rebalance if chosen.rebalance is None else chosen.rebalance,
            temperature if chosen.temperature is None else chosen.temperature,
        )

    def predict(
        self,
        photo: Photo,
        *,
        rebalance: float | None = None,
        temperature: float | None = None,
        hints: Sequence[Hint] = (),
    ) -> Chroma:
        """What the network says: ab ``(2, h, w)`` and confidence ``(1, h, w)`` at its own size.

        ``rebalance`` and ``temperature`` are those in force unless given. Raises
        :class:`ModelError` if the network answers with values that are no numbers, and
        :class:`WrongInput` for hints that cannot be.
        """
        card = self.session.card
        size, lightness, planes = self._view(photo, hints)
        usual = dict(zip(("rebalance", "temperature"), self.dial, strict=True))
        given = {"rebalance": rebalance, "temperature": temperature}
        for name, value in given.items():
            if value is None:
                # What the model does not take is refused by name if the user asked for it.
                chosen = getattr(self.settings, name)
                given[name] = usual[name] if name in card.inputs else chosen
        if self.steering:
            found = self._steered(self.steering, lightness, planes, given["temperature"])
        else:
            found = self._colors(lightness, planes, given)
        if not np.isfinite(found.ab).all():
            message = f"the model {card.name} answered with colors that are no numbers"
            raise ModelError(message)
        seen = lightness.shape[2:]
        sure = found.confidence
        return Chroma(
            crop_output(found.ab[0], size, seen),
            None if sure is None else crop_output(sure[0], size, seen),
        )

    def distribution(self, photo: Photo, *, hints: Sequence[Hint] = ()) -> Distribution:
        """How probable each color is for every place, ``logits`` ``(1, Q, h, w)``.

        Calibrated, whatever the dial says and whatever steers. Raises :class:`ModelError` if the
        model does not say.
        """
        size, lightness, planes = self._view(photo, hints)
        found = self._distribution(lightness, planes)
        logits = crop_output(found.logits[0], size, lightness.shape[2:])[None]
        return replace(found, logits=logits)

    def check_distribution(self) -> int:
        """Of how many colors the model says how probable they are.

        Raises :class:`ModelError` if it does not say.
        """
        card = self.session.card
        black = np.zeros((card.working_size, card.working_size), dtype=np.float32)
        return len(self.session.distribution(network_input(black, card.multiple_of)).centers)

    def _view(
        self, photo: Photo, hints: Sequence[Hint]
    ) -> tuple[tuple[int, int], np.ndarray, np.ndarray | None]:
        """The size at which the network sees a photograph, and what it is shown and told."""
        card, whole = self.session.card, (photo.height, photo.width)
        working = self.settings.size or card.working_size
        size = view_size(*whole, working)
        lightness = network_input(seen_at(photo, size), card.multiple_of, least=working // 2)
        check_hints(hints, *whole)
        return size, lightness, hint_planes(hints, whole, size, lightness) if hints else None

    def _windows(self, lightness: np.ndarray) -> list[Window]:
        card = self.session.card
        working = self.settings.size or card.working_size
        return windows(lightness.shape[2:], working, card.multiple_of)

    def _colors(
        self, lightness: np.ndarray, hints: np.ndarray | None, dial: dict[str, float | None]
    ) -> Chroma:
        """What the session says of a view, of a long one piece by piece."""
        places = self._windows(lightness)
        parts = [
            self.session.run(lightness[..., r, c], hints=_of(hints, (r, c)), **dial)
            for r, c in places
        ]
        view = lightness.shape[2:]
        sure = [part.confidence for part in parts if part.confidence is not None]
        return Chroma(
            joined([part.ab for part in parts], places, view),
            joined(sure, places, view) if sure else None,
        )

    def _distribution(self, lightness: np.ndarray, hints: np.ndarray | None) -> Distribution:
        """The same of how probable colors are."""
        places = self._windows(lightness)
        parts = [
            self.session.distribution(lightness[..., r, c], hints=_of(hints, (r, c)))
            for r, c in places
        ]
        logits = joined([part.logits for part in parts], places, lightness.shape[2:])
        return Distribution(logits, parts[0].centers, parts[0].prior)

    def _steered(
        self,
        steering: Steering,
        lightness: np.ndarray,
        hints: np.ndarray | None,
        temperature: float | None,
    ) -> Chroma:
        found = self._distribution(lightness, hints)
        ab = steering.colors(found, temperature=1.0 if temperature is None else temperature)
        return Chroma(ab, found.probabilities.max(1, keepdims=True))


def _of(hints: np.ndarray | None, window: Window) -> np.ndarray | None:
    return None if hints is None else hints[..., window[0], window[1]]
