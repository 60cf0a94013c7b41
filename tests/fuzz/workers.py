"""One process of a fuzz run: its files, its limits, and how its end is understood."""

from __future__ import annotations

import faulthandler
import functools
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np

from photochrom.photo.quiet import silent_decoders
from tests.fuzz.checks import BrokenPromise, EvenColor, check_read, check_save
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import Seed, make_seeds

MOST_SECONDS = 10
MOST_MEMORY = 6 << 30
"""Bytes of address space, most of which are libraries and threads' stacks."""
MOST_GROWTH = 400 << 20
"""Bytes that one file may take at its peak."""
_SAVES, _REAL_NETWORK = 0.12, 0.03
"""Shares of files that are colorized, and of those the share that the embedded model colors."""


@dataclass(frozen=True)
class Task:
    """Files ``start`` to ``stop`` (exclusive) of a seed."""

    seed: int
    start: int
    stop: int


@functools.cache
def all_seeds() -> list[Seed]:
    """Made once in a process."""
    return make_seeds()


def make_file(seed: int, number: int) -> tuple[str, bytes]:
    """What the file of this number was made of, and its bytes."""
    return mutated(all_seeds(), np.random.default_rng([seed, number]))


def work(task: Task, out: TextIO) -> int:
    """Try the files of a task; one JSON object a line says what became of each."""
    from photochrom import Colorizer

    _limit_memory()
    warnings.simplefilter("error")
    real, even = Colorizer(threads=1), Colorizer(threads=1)
    even.session = EvenColor(even.session.card)
    clean = True
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        said = stack.enter_context(tempfile.TemporaryFile())
        os.dup2(said.fileno(), 2)  # what is printed would reach the user's terminal
        stack.enter_context(silent_decoders())
        for number in range(task.start, task.stop):
            name, data = make_file(task.seed, number)
            print(json.dumps({"begins": number, "name": name}), file=out, flush=True)
            rng = np.random.default_rng([task.seed, number, 1])
            faulthandler.dump_traceback_later(MOST_SECONDS, exit=True, file=said)
            before = _begin_peak()
            try:
                state = _one(data, Path(folder, "photo"), rng, real, even)
                _check_traces(_peak() - before, said)
                print(json.dumps({"state": state}), file=out, flush=True)
            except Exception as error:
                clean = False
                what = f"{type(error).__name__}: {error}"
                print(json.dumps({"finding": what, "number": number}), file=out, flush=True)
            faulthandler.cancel_dump_traceback_later()
    print(json.dumps({"ends": task.stop}), file=out, flush=True)
    return 0 if clean else 1


def _one(data: bytes, path: Path, rng: np.random.Generator, real: Any, even: Any) -> str:
    if rng.random() >= _SAVES:
        return check_read(data, path)
    colorizer = real if rng.random() < _REAL_NETWORK else even
    return check_save(data, path, colorizer, int(rng.integers(1000)))


def _check_traces(grown: int, said: BinaryIO) -> None:
    """Raise BrokenPromise for too much memory, or for anything printed."""
    if grown > MOST_GROWTH:
        message = f"took {grown >> 20} MB"
        raise BrokenPromise(message)
    if os.fstat(said.fileno()).st_size:
        said.seek(0)
        message = f"printed {said.read()[:200]!r}"
        said.seek(0)
        said.truncate()
        raise BrokenPromise(message)


def run_in_process(task: Task, counts: Counter[str]) -> tuple[int, list[dict[str, Any]]]:
    """Work on a task in a process of its own; returns the first number that is not yet tried."""
    found, at, name, ended = [], task.start - 1, "", False
    with subprocess.Popen(command_of(task), stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            row = json.loads(line)
            if "begins" in row:
                at, name = row["begins"], row["name"]
            elif "finding" in row:
                found.append({"number": at, "what": row["finding"], "made of": name})
            elif "state" in row:
                counts[row["state"]] += 1
            else:
                ended = True
        code = process.wait()
    if not ended:
        how = f"signal {-code}" if code < 0 else f"exit {code}, perhaps over {MOST_SECONDS} s"
        found.append({"number": at, "what": f"the process ended: {how}", "made of": name})
    return max(at, task.start) + 1, found


def command_of(task: Task) -> list[str]:
    """The command line of the process that works on a task."""
    command = [sys.executable, "-m", "tests.fuzz", "--seed", str(task.seed)]
    return [*command, "--start", str(task.start), "--worker", str(task.stop)]


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _begin_peak() -> int:
    """Memory now, in bytes; the peak is counted from here on (Linux; 0 elsewhere)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return 0
    return _peak()


def _peak() -> int:
    """The greatest memory since the last beginning, in bytes."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) << 10
