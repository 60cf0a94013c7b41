"""Many photographs: which files, where their results go, and running them all."""

from __future__ import annotations

import glob
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photochrom.errors import PhotochromError, WrongInput
from photochrom.inference.colorizer import SUFFIXES, WRITABLE, Colorizer, suffix_for

READABLE = frozenset(
    (*WRITABLE, ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".ppm", ".pgm", ".pbm", ".pnm")
)
RESULT_MARK = ".color"
RESULT = re.compile(r"\.color(?:-\d)?$")
"""How the names of results and of alternatives end, before the suffix."""


@dataclass(frozen=True)
class Job:
    """One photograph to color: where it is and where its result goes.

    ``problem`` says why it cannot even be tried: an input that does not exist is reported like any
    other file that fails, and does not stop the rest.
    """

    source: Path
    destination: Path
    problem: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a job: ``state`` is "done", "skipped" or "failed", ``reason`` says why.

    ``was_color`` and ``frames`` are facts of the photograph read, ``seconds`` the time it took.
    """

    job: Job
    state: str
    reason: str = ""
    seconds: float = 0.0
    was_color: bool = False
    frames: int = 1


def plan(
    inputs: Sequence[str], *, output: Path | None = None, format: str | None = None
) -> list[Job]:
    """List the jobs for files, folders (with their sub-folders) and globs.

    Without ``output`` each result lies beside its source as ``name.color.jpg``; with a folder as
    ``output`` names and sub-folders are kept; a file as ``output`` needs exactly one input.
    An input that does not exist, or a folder without pictures, is a job with a problem.
    """
    unique, jobs = dict[tuple[Path, Path], None](), list[Job]()
    for text in inputs:
        found, problem = _expand(text)
        unique.update(dict.fromkeys(found))
        if problem:
            jobs.append(Job(Path(text), Path(text), problem))
    if output is not None and output.suffix.lower() in WRITABLE and not output.is_dir():
        if len(unique) > 1:
            message = f"{output} is one file, but there are {len(unique)} pictures"
            raise WrongInput(message)
        return [*jobs, *(Job(path, output) for path, _ in unique)]
    taken: set[Path] = set()
    for path, root in unique:
        destination = _destination(path, root, output, format)
        if destination in taken:
            # Two sources of one name: the later one keeps its own suffix in the result's name.
            destination = destination.with_name(f"{path.name}{RESULT_MARK}{destination.suffix}")
        taken.add(destination)
        jobs.append(Job(path, destination))
    return jobs


def _expand(text: str) -> tuple[list[tuple[Path, Path]], str]:
    """Files of one input, each with the folder below which its place is kept, and the problem."""
    path = Path(text)
    if path.is_dir():
        found = sorted(_walk(path))
        problem = "" if found else f"no pictures in the folder {path}"
        return [(file, path) for file in found], problem
    if path.exists() or path.is_symlink():
        return [(path, path.parent)], ""
    # The pattern is as the user typed it: absolute or not, with ~ and ** as glob knows them.
    matches = sorted(glob.glob(text, recursive=True)) if glob.has_magic(text) else []  # noqa: PTH207
    files = [Path(m) for m in matches if Path(m).is_file()]
    problem = "" if files else f"no such file or folder: {text}"
    return [(file, file.parent) for file in files], problem


def _walk(folder: Path) -> Iterator[Path]:
    """Picture files below a folder but our own results and hidden ones; links not followed."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in names:
            path = Path(where, name)
            ours = RESULT.search(path.stem)
            if path.suffix.lower() in READABLE and not ours and not name.startswith("."):
                yield path


def _destination(path: Path, root: Path, output: Path | None, format: str | None) -> Path:
    suffix = SUFFIXES[format] if format else suffix_for(path)
    if format and WRITABLE.get(path.suffix.lower()) == format:
        suffix = path.suffix
    marked = path.with_name(f"{path.stem}{RESULT_MARK}{suffix}")
    if output is None:
        return marked
    kept = output / path.relative_to(root).with_suffix(suffix)
    same = kept.exists() and kept.resolve() == path.resolve()
    return kept.with_name(marked.name) if same else kept


def run(
    jobs: Iterable[Job],
    colorizer: Colorizer,
    *,
    overwrite: bool = False,
    workers: int = 1,
    **options: Any,
) -> Iterator[Outcome]:
    """Color every job and yield its outcome in order; a failed one never stops the rest.

    ``options`` as for :meth:`Colorizer.write`, but for the format, which the destination's suffix
    chooses.
    """

    def one(job: Job) -> Outcome:
        return _run_one(job, colorizer, overwrite=overwrite, options=options)

    if workers <= 1:
        yield from map(one, jobs)
        return
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from pool.map(one, jobs)
        except BaseException:
            # Ctrl-C: what has not begun must not begin; what has begun ends atomically.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _run_one(
    job: Job, colorizer: Colorizer, *, overwrite: bool, options: dict[str, Any]
) -> Outcome:
    if job.problem:
        return Outcome(job, "failed", job.problem)
    if job.destination.exists() and not overwrite:
        return Outcome(job, "skipped", "already there")
    if job.destination.exists() and job.destination.resolve() == job.source.resolve():
        return Outcome(job, "failed", f"{job.source}: the result would replace the original")
    started = time.perf_counter()
    try:
        try:
            job.destination.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"cannot make the folder {job.destination.parent}: {error.strerror}"
            raise WrongInput(message) from error
        photo = colorizer.save(job.source, job.destination, **options)
    except PhotochromError as error:
        return Outcome(job, "failed", str(error), time.perf_counter() - started)
    except MemoryError:
        return Outcome(job, "failed", f"{job.source}: not enough memory for a picture of this size")
    except Exception as error:
        # A fault of ours must not cost the 49,999 other pictures of a night's run.
        reason = f"{job.source}: unexpected {type(error).__name__}: {error}".splitlines()[0]
        return Outcome(job, "failed", reason, time.perf_counter() - started)
    seconds = time.perf_counter() - started
    return Outcome(job, "done", "", seconds, photo.was_color, photo.frames)
