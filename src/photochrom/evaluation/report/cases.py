"""The pictures of a report: some of all kinds, the best, the worst and the typical."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from photochrom.color.spaces import rgb_to_lab
from photochrom.data.transforms import decode
from photochrom.errors import ModelError
from photochrom.evaluation.methods import GRAY, TRUTH, gray_guess
from photochrom.evaluation.runner import Trial
from photochrom.evaluation.tally import Record
from photochrom.evaluation.verdict import Verdict

WORST_ERROR = 60.0
"""Ab error, in Lab units, that error maps show as white."""


@dataclass(frozen=True)
class Case:
    """One picture by every method, as data addresses; ``errors`` are mean ab errors."""

    name: str
    pictures: dict[str, str]
    maps: dict[str, str]
    errors: dict[str, float]


def spread(records: Sequence[Record], count: int) -> list[Record]:
    """So many pictures, evenly spread over the set."""
    count = min(count, len(records))
    return [records[(2 * i + 1) * len(records) // (2 * count)] for i in range(count)]


def ranked(records: Sequence[Record], method: str, count: int) -> dict[str, list[Record]]:
    """The best, the typical and the worst pictures of a method by mean ab error."""
    order = sorted(records, key=lambda r: (r.errors.get(method, 0.0), r.index))
    count = max(min(count, len(order) // 3), 1)
    middle = max((len(order) - count) // 2, 0)
    return {
        "best": order[:count],
        "typical": order[middle : middle + count],
        "worst": order[-count:][::-1],
    }


class Studio:
    """Colors a trial's pictures again, for those few that are shown."""

    def __init__(self, trial: Trial, verdict: Verdict) -> None:
        """Opens the methods that did not fail."""
        self.trial = trial
        self.pictures, _ = trial.pictures()
        failed = {row.method for row in verdict.rows if row.failed}
        self.methods = {m.name: m.open() for m in trial.methods if m.name not in failed}

    def case(self, record: Record, *, maps: bool) -> Case:
        """A picture in gray, by every method, and as it was."""
        image = decode(self.pictures.read(record.index), record.name)
        true, gray = self.trial.view.of(image)
        colored = {GRAY: gray_guess(gray).rgb}
        for name, colorize in self.methods.items():
            try:
                colored[name] = colorize(gray).rgb
            except ModelError:
                continue
        colored[TRUTH] = true
        drawn = {name: error_map(rgb, true) for name, rgb in colored.items() if name != TRUTH}
        return Case(
            record.name,
            {name: address(rgb) for name, rgb in colored.items()},
            {name: address(rgb) for name, rgb in drawn.items()} if maps else {},
            record.errors,
        )


def error_map(rgb: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Ab error of RGB ``(3, H, W)`` uint8 as a picture: black right, red wrong, white far off."""
    predicted, known = (rgb_to_lab(v.astype(np.float32) / 255)[1:] for v in (rgb, true))
    level = np.clip(np.hypot(*(predicted - known)) / WORST_ERROR, 0, 1) * 3
    shown: np.ndarray = np.clip(np.stack([level, level - 1, level - 2]), 0, 1)
    return (shown * 255).round().astype(np.uint8)


def address(rgb: np.ndarray) -> str:
    """A picture ``(3, H, W)`` uint8 as a data address, in WebP."""
    buffer = io.BytesIO()
    Image.fromarray(rgb.transpose(1, 2, 0)).save(buffer, "WEBP", quality=82, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
