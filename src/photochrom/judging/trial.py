"""A trial from its first picture to the verdict, with a progress line for those who wait."""

from __future__ import annotations

from collections.abc import Mapping

from photochrom.evaluation.runner import Trial, run_trial
from photochrom.evaluation.verdict import Verdict, decide
from photochrom.training.progress import ProgressLine


def judge(
    trial: Trial,
    *,
    jobs: int = 1,
    missing: Mapping[str, str] | None = None,
    progress: ProgressLine | None = None,
) -> Verdict:
    """Color every picture by every method in ``jobs`` processes, and decide.

    ``missing`` says of metrics that cannot be had why. Raises :class:`DataError` without pictures
    and what opening a method or a metric raises.
    """
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress.update(done, {})

    if progress is None:
        tallies = run_trial(trial, jobs=jobs)
    else:
        with progress.running("judging", 0, len(trial.pictures()[1])):
            tallies = run_trial(trial, jobs=jobs, advance=advance)
    return decide(trial, tallies, dict(missing or {}))
