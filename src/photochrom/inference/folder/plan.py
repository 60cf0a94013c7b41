"""Where the result of every picture of a run goes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from photochrom.errors import WrongInput
from photochrom.inference.folder.jobs import Job
from photochrom.inference.folder.shard import Shard
from photochrom.inference.folder.walk import READABLE, Found, expand, is_many, root_of
from photochrom.inference.names import RESULT_MARK, SUFFIXES, WRITABLE, format_of_name, suffix_for
from photochrom.registry import suggestion


class Plan:
    """The jobs for files, folders (with their sub-folders) and patterns, in an order that lasts.

    Without ``output`` each result lies beside its source as ``name.color.jpg``; with a folder as
    ``output`` names and sub-folders are kept; a file as ``output`` needs exactly one input. An
    input that does not exist, or a folder without pictures, is a job with a problem.

    Going through a plan lists the folders anew each time and holds one of them at a time.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        output: Path | None = None,
        format: str | None = None,
        shard: Shard | None = None,
    ) -> None:
        """Jobs of one ``shard``; ``format`` is that of the results: JPEG, PNG, TIFF, WEBP, AVIF.

        Raises:
            WrongInput: ``output`` is one file for several pictures or of another format; there is
                no such format; an input is empty.
        """
        if format is not None and format not in SUFFIXES:
            message = f"no format named {format!r}; {suggestion(format.upper(), SUFFIXES)}"
            raise WrongInput(message)
        self.inputs, self.format, self.shard = list(inputs), format, shard or Shard()
        if not all(self.inputs):
            message = "an input is empty: give a file, a folder or a pattern"
            raise WrongInput(message)
        # The name of a picture that cannot be written is a mistake, and no folder's.
        one = output is not None and output.suffix.lower() in READABLE and not output.is_dir()
        self._file = output if one else None
        self.output = None if one else output
        if self._file is not None:
            format_of_name(self._file, format)
            count = sum(1 for found in self._found() if not found.problem)
            if count > 1:
                message = f"{output} is one file, but there are {count} pictures"
                raise WrongInput(message)

    @property
    def homes(self) -> list[Path]:
        """The folders that keep the records: the output, or else every folder that is colored."""
        if self._file is not None:
            return []
        if self.output is not None:
            return [self.output]
        roots = (root_of(text) for text in self.inputs if is_many(text))
        return list(dict.fromkeys(Path(root) for root in roots if Path(root).is_dir()))

    def __iter__(self) -> Iterator[Job]:
        taken: set[int] = set()
        for found in self._found():
            # Named before it is known whose it is: names depend on all that come earlier.
            job = self._job(found, taken)
            if self._holds(found):
                yield job

    def count(self) -> int:
        """How many jobs there are."""
        return sum(1 for found in self._found() if self._holds(found))

    def _holds(self, found: Found) -> bool:
        """Whether a file is of this shard, by its place below the input that it was found in."""
        if self.shard.count == 1:
            return True
        return self.shard.holds(Path(os.path.relpath(found.path, found.root)).as_posix())

    def _found(self) -> Iterator[Found]:
        """Every file once, even if several inputs name it."""
        # Digests: the paths of a large archive would take ten times the memory.
        seen: set[int] = set()
        for text in dict.fromkeys(self.inputs):
            for found in expand(text, leave_out=self.output):
                if len(self.inputs) > 1:
                    digest = hash(os.path.abspath(found.path))  # noqa: PTH100 - keeps links
                    if digest in seen:
                        continue
                    seen.add(digest)
                yield found

    def _job(self, found: Found, taken: set[int]) -> Job:
        path, root = Path(found.path), Path(found.root)
        if found.problem:
            return Job(path, path, found.problem)
        if self._file is not None:
            return Job(path, self._file)
        first = self._destination(path, root)
        destination, number = first, 1
        while hash(str(destination)) in taken:
            # Two sources of one name: the later one keeps its own suffix in the result's name.
            again = "" if number == 1 else f"-{number}"
            destination = first.with_name(f"{path.name}{again}{RESULT_MARK}{first.suffix}")
            number += 1
        taken.add(hash(str(destination)))
        home = self.output or (None if found.alone else root)
        return Job(path, destination, home=home)

    def _destination(self, path: Path, root: Path) -> Path:
        suffix = SUFFIXES[self.format] if self.format else suffix_for(path)
        if self.format and WRITABLE.get(path.suffix.lower()) == self.format:
            suffix = path.suffix
        marked = path.with_name(f"{path.stem}{RESULT_MARK}{suffix}")
        if self.output is None:
            return marked
        kept = self.output / path.relative_to(root).with_suffix(suffix)
        same = kept.exists() and kept.resolve() == path.resolve()
        return kept.with_name(marked.name) if same else kept
