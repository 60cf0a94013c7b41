"""A model as something to judge, by the same pipeline as ``photochrom colorize``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from photochrom.color.arrays import exp_below_max
from photochrom.errors import ModelError, WrongInput
from photochrom.evaluation.methods import GRAY, TRUTH, Guess, Method
from photochrom.photo.folders import is_folder, is_there
from photochrom.weights.models import CHECKPOINT

if TYPE_CHECKING:
    from photochrom.inference.colorizer import Colorizer
    from photochrom.inference.tint import Tint
    from photochrom.photo.photo import Photo


@dataclass(frozen=True)
class JudgedModel:
    """Opens a model with settings; in any process.

    ``settings`` as for :class:`photochrom.Colorizer`. With ``calibration``, for models that say
    what they hold likely, they are asked for that and the colors are made of it: one run gives
    both.
    """

    model: str
    settings: tuple[tuple[str, Any], ...]
    calibration: bool

    def __call__(self) -> Callable[[np.ndarray], Guess]:
        """A function from gray ``(H, W)`` uint8 to a guess."""
        from photochrom.inference.colorizer import Colorizer
        from photochrom.photo.decode import read

        colorizer = Colorizer(self.model, threads=1, **dict(self.settings))

        def colorize(gray: np.ndarray) -> Guess:
            photo = read(gray)
            if self.calibration:
                return _told(colorizer, photo)
            return Guess(_rgb(colorizer.tint(photo)))

        return colorize


def _bins(colorizer: Colorizer) -> int:
    """Of how many colors the model says how probable each is; 0 if it does not say."""
    try:
        return colorizer.check_distribution()
    except ModelError:
        return 0


def _told(colorizer: Colorizer, photo: Photo) -> Guess:
    """The colors, and what they were chosen from, of one run of the network."""
    from photochrom.inference.session import Chroma

    found = colorizer.distribution(photo)
    if not np.isfinite(found.logits).all():
        colorizer.predict(photo)  # names what is wrong, if it shows in the colors
        if not (found.logits < np.inf).all():
            name = colorizer.session.card.name
            message = f"the model {name} answered with probabilities that are no numbers"
            raise ModelError(message)
    rebalance, temperature = colorizer.dial
    ab = found.ab(rebalance=rebalance, temperature=temperature)[0]
    logits = found.logits[0]
    mode = found.centers[logits.argmax(0)].transpose(2, 0, 1)
    sure = 1 / exp_below_max(logits, 0).sum(0)
    rgb = _rgb(colorizer.tint(photo, Chroma(ab)))
    return Guess(rgb, sure, mode, logits, found.centers)


def _rgb(tint: Tint) -> np.ndarray:
    return tint.rgb(0, tint.height).transpose(2, 0, 1)


def judged_models(
    texts: tuple[str, ...], *, size: int | None, calibration: bool
) -> tuple[Method, ...]:
    """Methods of MODEL, MODEL@VIVIDNESS or MODEL@REBALANCE:TEMPERATURE; every model is opened.

    Of models without rebalance MODEL@:TEMPERATURE. Raises :class:`WrongInput` for settings that
    cannot be, and what opening a model raises.
    """
    from photochrom.inference.colorizer import Colorizer

    methods: list[Method] = []
    for text in texts:
        model, settings = _parse(text)
        if size:
            settings["size"] = size
        colorizer = Colorizer(model, threads=1, **settings)
        card = colorizer.session.card
        name = _free_name(text, card.name, {GRAY, TRUTH, *(m.name for m in methods)})
        facts = {
            "version": card.version,
            "parameters": card.parameters,
            "settings": settings,
            "sha256": card.sha256,
            "inputs": list(card.inputs),
        }
        bins = _bins(colorizer) if calibration else 0
        if bins:
            facts["bins"] = bins
        judged = JudgedModel(model, tuple(settings.items()), calibration=bool(bins))
        methods.append(Method(name, judged, facts))
    return tuple(methods)


def _parse(text: str) -> tuple[str, dict[str, Any]]:
    model, at, setting = text.rpartition("@")
    if not at or is_there(text):
        return text, {}
    try:
        if setting.startswith(":"):
            return model, {"temperature": float(setting[1:])}
        numbers = [float(number) for number in setting.split(":")]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        return model, {"vividness": numbers[0]}
    if len(numbers) == 2:
        return model, {"rebalance": numbers[0], "temperature": numbers[1]}
    message = f"{text!r}: after @ comes a vividness, or rebalance:temperature"
    raise WrongInput(message)


def _free_name(text: str, card: str, taken: set[str]) -> str:
    """What the row is called: the file's or run's own name, told apart from those above it."""
    at = "" if is_there(text) else text.rpartition("@")[1]
    path = Path(text.rpartition("@")[0] if at else text)
    name = card
    if is_there(path):
        of_run = is_folder(path) or path.name != CHECKPOINT
        name = path.parent.name if not of_run else path.name if is_folder(path) else path.stem
    name += f"@{text.rpartition('@')[2]}" if at else ""
    numbered, count = name, 1
    while numbered in taken:
        count += 1
        numbered = f"{name} ({count})"
    return numbered
