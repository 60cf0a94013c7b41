"""A trial to its end: the progress line counts every picture and changes no figure."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from photochrom.evaluation.runner import Trial
from photochrom.judging.models import judged_models
from photochrom.judging.trial import judge
from photochrom.training.progress import ProgressLine


class Counted(ProgressLine):
    """Keeps what was said of positions."""

    def __init__(self) -> None:
        super().__init__(Console(file=io.StringIO()))
        self.total, self.positions = 0, list[int]()

    def start(self, name: str, position: int, total: int) -> None:
        super().start(name, position, total)
        self.total = total

    def update(self, position: int, parts: dict[str, float]) -> None:
        self.positions.append(position)


@pytest.fixture
def trial(pictures: Path) -> Trial:
    methods = judged_models(("photochrom",), size=64, calibration=False)
    return Trial((str(pictures),), methods, ("auc", "psnr"), limit=3)


def test_progress_ends_at_the_total_and_changes_nothing(trial: Trial) -> None:
    progress = Counted()
    seen, unseen = judge(trial, progress=progress), judge(trial)
    assert progress.total == progress.positions[-1] == 3
    assert progress.positions == sorted(progress.positions)
    one, other = ([row.figures for row in verdict.rows] for verdict in (seen, unseen))
    assert one == other


def test_metrics_that_cannot_be_had_are_told(trial: Trial) -> None:
    verdict = judge(trial, missing={"lpips": "its weights are not here"})
    assert verdict.missing == {"lpips": "its weights are not here"}
