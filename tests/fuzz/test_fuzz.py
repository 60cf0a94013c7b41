"""A short run of ``python -m tests.fuzz``, and that the run itself can fail."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.fuzz import workers
from tests.fuzz.checks import check_read
from tests.fuzz.workers import Task, all_seeds, make_file, run_in_process


def test_every_seed_is_read_or_refused_for_what_it_is(tmp_path: Path) -> None:
    states = Counter(check_read(seed.data, tmp_path / "photo") for seed in all_seeds())
    assert states["read"] > 0.9 * len(all_seeds())


def test_a_number_makes_the_same_file_again() -> None:
    files = [make_file(3, number)[1] for number in range(60)]
    assert files == [make_file(3, number)[1] for number in range(60)]
    assert len(set(files)) > 50
    assert make_file(4, 0)[1] != files[0]
    whole = {seed.data for seed in all_seeds()}
    assert sum(file not in whole for file in files) > 50


def test_some_hundred_damaged_files() -> None:
    counts: Counter[str] = Counter()
    following, found = run_in_process(Task(7, 0, 400), counts)
    assert found == []
    assert following == sum(counts.values()) == 400
    assert counts["read"] > 40
    assert counts["saved"] > 4


FAULTY = """
import os, sys, time
import numpy as np
from photochrom.errors import PhotochromError
from tests.fuzz import checks, workers

real, make_file, number = checks.read, workers.make_file, 0

def noted(seed, which):
    global number
    number = which
    return make_file(seed, which)

def read(source, **options):
    if number == 0: raise IndexError("deep inside")
    if number == 1: raise PhotochromError("two\\nlines")
    if number == 2: print("libfoo: odd", file=sys.stderr)
    if number == 3 and not isinstance(source, bytes): source.write_bytes(b"")
    if number == 4: np.ones(90 << 20, np.uint8).sum()
    if number == 5: os.kill(os.getpid(), 11)
    if number == 6: time.sleep(60)
    return real(source, **options)

checks.read, workers.make_file = read, noted
workers.MOST_SECONDS, workers.MOST_GROWTH, workers._SAVES = 8, 60 << 20, 0
workers.work(workers.Task(7, int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_what_breaks_a_promise_is_found_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each number has a fault of its own in reading."""
    program = tmp_path / "faulty.py"
    program.write_text(FAULTY)
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    monkeypatch.setattr(
        workers,
        "command_of",
        lambda task: [sys.executable, str(program), str(task.start), str(task.stop)],
    )
    at, findings = 0, []
    while at < 8:
        at, found = run_in_process(Task(7, at, 8), Counter())
        findings += found
    assert [finding["number"] for finding in findings] == list(range(7))
    for finding, what in zip(
        findings,
        (
            "IndexError: deep inside",
            "not one line",
            "printed",
            "original was changed",
            " MB",
            "signal 11",
            "exit 1, perhaps over",
        ),
        strict=True,
    ):
        assert what in finding["what"]
