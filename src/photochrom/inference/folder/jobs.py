"""One photograph of a run, and what became of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from photochrom.inference.names import WRITABLE
from photochrom.photo.decode import read
from photochrom.photo.photo import Photo

THERE = "already there"
"""Reason to skip a result that nothing speaks against."""

SAME = "the same already"
"""Reason to skip what ``--overwrite`` would make again just as it is."""

AGAIN = "--overwrite makes it again"
"""What is said where it would."""


FOREIGN_RESULT = f"{THERE}, and does not say it is ours; --overwrite replaces it"
"""Reason to skip what somebody else may have put there."""


@dataclass(frozen=True)
class Job:
    """One photograph to color: where it is and where its result goes.

    ``problem`` says why it cannot even be tried: an input that does not exist is reported like any
    other file that fails, and does not stop the rest. ``home`` is the folder that keeps the record
    of the run; a single file colored beside its original has none. ``left_out`` says why a file of
    a folder is passed by: it is a picture of a kind that is not read. ``occupied``: where its
    result goes lies another photograph of the run, which is not replaced. ``page``, counted from 1,
    is that of a file whose pages each get a result; 0 stands for the whole file.
    """

    source: Path
    destination: Path
    problem: str = ""
    home: Path | None = None
    left_out: str = ""
    occupied: bool = False
    page: int = 0

    def photograph(self) -> Path | Photo:
        """What is to be colored: the file, or its page as read. Raises :class:`PhotoError`."""
        if not self.page:
            return self.source
        return dataclasses.replace(read(self.source, page=self.page - 1), frames=1)


@dataclass(frozen=True)
class Outcome:
    """What became of a photograph of a folder.

    Attributes:
        job: the photograph: its ``source`` and ``destination`` are paths.
        state: "done", "skipped" or "failed"; "left out" if its kind is not read; "planned" in a dry
            run.
        reason: why it was skipped, left out or failed, one line for people.
        seconds: the time it took.
        was_color: the photograph read was in color.
        frames: the frames or pages of the file.
        toned: the tint of a print was taken off.
        depth: the bits of a sample of the photograph, 8 or 16.
        has_alpha: the photograph has transparency.
        bilevel: the photograph is of black and white alone, without grays between them.
        came_out_gray: the result has no color at all.
        lost: by keyword, the texts of the file that its result does not keep.
        kept_hints: how many hints of an earlier time were applied.
    """

    job: Job
    state: str
    reason: str = ""
    seconds: float = 0.0
    was_color: bool = False
    frames: int = 1
    toned: bool = False
    depth: int = 8
    has_alpha: bool = False
    bilevel: bool = False
    came_out_gray: bool = False
    lost: tuple[str, ...] = ()
    kept_hints: int = 0

    @classmethod
    def done(
        cls, job: Job, photo: Photo, seconds: float, *, keeps_tint: bool, format: str = ""
    ) -> Outcome:
        """That of a photograph which was colored; ``format`` is that of a result without a name."""
        from photochrom.photo.bilevel import is_bilevel
        from photochrom.photo.texts import fitted

        toned = photo.tone is not None and not keeps_tint
        format = format or WRITABLE.get(job.destination.suffix.lower(), photo.format)
        return cls(
            job, "done", "", seconds, photo.was_color, photo.frames, toned, photo.depth,
            photo.alpha is not None, is_bilevel(photo.luma), photo.came_out_gray,
            fitted(photo.metadata, format)[1],
        )  # fmt: skip
