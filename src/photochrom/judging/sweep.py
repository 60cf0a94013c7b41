"""A model at several temperatures: what each makes of a picture, and what it costs on a set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from photochrom.errors import WrongInput
from photochrom.evaluation.analysis.sweep_sheet import METRICS_OF_SWEEP, draw_sweep
from photochrom.evaluation.methods import GRAY, TRUTH, Method
from photochrom.evaluation.runner import Trial
from photochrom.evaluation.verdict import Figure, Row, Verdict
from photochrom.evaluation.view import View
from photochrom.inference.colorizer import Colorizer
from photochrom.judging.models import JudgedModel
from photochrom.judging.trial import judge
from photochrom.training.progress import ProgressLine

SIDE_OF_SHOTS = 256


class Sweep:
    """One model at several temperatures."""

    def __init__(
        self, model: str, temperatures: tuple[float, ...], rebalance: float, size: int | None
    ) -> None:
        """Raises :class:`WrongInput` if the model takes no temperature."""
        self.model, self.rebalance, self.size = model, rebalance, size
        self.card = Colorizer(model, threads=1).session.card
        if "temperature" not in self.card.inputs:
            message = f"the model {self.card.name} takes no temperature: it predicts one color"
            raise WrongInput(message)
        self.temperatures = tuple(sorted(set(temperatures), reverse=True))

    def run(
        self,
        image: Image.Image,
        places: tuple[str, ...],
        view: View,
        *,
        limit: int,
        jobs: int,
        progress: ProgressLine | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        """Figures by temperature, where there are ``places`` to measure on, and the drawing."""
        methods = tuple(self._method(t) for t in self.temperatures)
        values: dict[str, Any] = {
            "model": self.card.name, "version": self.card.version, "rebalance": self.rebalance,
            "size": self.size, "rows": [],
        }  # fmt: skip
        if places:
            trial = Trial(places, methods, METRICS_OF_SWEEP, view, limit=limit)
            values |= self._measured(trial, judge(trial, jobs=jobs, progress=progress))
        title = f"{self.card.name} at temperatures"
        return values, draw_sweep(title, self._shots(image, methods), values)

    def _method(self, temperature: float) -> Method:
        settings: dict[str, Any] = {"temperature": temperature}
        if "rebalance" in self.card.inputs:
            settings["rebalance"] = self.rebalance
        if self.size:
            settings["size"] = self.size
        opened = JudgedModel(self.model, tuple(settings.items()), calibration=False)
        return Method(f"{temperature:g}", opened)

    def _measured(self, trial: Trial, verdict: Verdict) -> dict[str, Any]:
        found = {t: verdict.row(f"{t:g}") for t in self.temperatures}
        rows = [{"temperature": t, **_figures(row)} for t, row in found.items() if not row.failed]
        failed = {f"{t:g}": row.failed for t, row in found.items() if row.failed}
        ends = {end: _figures(verdict.row(end)) for end in (GRAY, TRUTH)}
        sizes = {
            "pictures": verdict.pictures,
            "side": trial.view.side,
            "own_results": verdict.own_results,
        }
        return {**sizes, "rows": rows, "failed": failed, **ends}

    def _shots(
        self, image: Image.Image, methods: tuple[Method, ...]
    ) -> list[tuple[str, np.ndarray]]:
        image = image.copy()
        image.thumbnail((SIDE_OF_SHOTS, SIDE_OF_SHOTS))
        gray = np.asarray(image.convert("L"))
        shots = [("gray", np.repeat(gray[:, :, None], 3, 2))]
        for method in methods:
            colorize: Callable[..., Any] = method.open()
            shots.append((f"T = {method.name}", colorize(gray).rgb.transpose(1, 2, 0)))
        return [*shots, ("truth", np.asarray(image))]


def _figures(row: Row) -> dict[str, Any]:
    """A row's figures by metric, and their intervals."""

    def bounds(figure: Figure) -> list[float] | None:
        return None if figure.low is None or figure.high is None else [figure.low, figure.high]

    values: dict[str, Any] = {name: figure.value for name, figure in row.figures.items()}
    return values | {"intervals": {name: bounds(f) for name, f in row.figures.items()}}
