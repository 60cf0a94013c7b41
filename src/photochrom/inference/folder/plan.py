"""Where the result of every picture of a run goes."""

from __future__ import annotations

import functools
import itertools
import os
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from photochrom.errors import PhotochromError, WrongInput
from photochrom.inference.folder.identity import Stamp
from photochrom.inference.folder.inputs import Inputs
from photochrom.inference.folder.jobs import Job
from photochrom.inference.folder.records import relative_to
from photochrom.inference.folder.results import Ledgers, Made, is_result
from photochrom.inference.folder.shard import Shard
from photochrom.inference.folder.walk import Found, expand, is_many, root_of
from photochrom.inference.names import (
    SUFFIXES,
    WRITABLE,
    format_of_name,
    output_file,
    page_beside,
    suffix_for,
)
from photochrom.photo.decode import page_count
from photochrom.photo.folders import LITTER, is_file, is_folder, is_there
from photochrom.photo.kinds import KIND_OF_SUFFIX, suffix_of, why_not_read
from photochrom.photo.litter import litter_of
from photochrom.photo.results import RESULT_MARK, is_ours
from photochrom.registry import suggestion


class Plan:
    """The jobs for files, folders (with their sub-folders) and patterns, in an order that lasts.

    Without ``output`` each result lies beside its source as ``name.color.jpg``; with a folder as
    ``output`` names and sub-folders are kept; a file as ``output`` needs exactly one input. An
    input that does not exist, or a folder without pictures, is a job with a problem. Pages of a PDF
    are jobs of their own (``name-1.color.jpg``), unless a TIFF is to hold them all. Pictures of
    kinds that are not read are jobs that are left out, and so is litter of the system, unless it
    was named: a file as such, a folder by itself. Results are none, also where they were named
    together with their photographs.

    A result that the records know keeps its photograph: one that comes later gets another name.
    So does one whose result would have the name of another photograph of the run, or one that is
    the same where capitals do not count.
    Going through a plan lists the folders anew each time and holds one of them at a time.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        output: str | Path | None = None,
        format: str | None = None,
        shard: Shard | None = None,
    ) -> None:
        """Jobs of one ``shard``.

        ``output`` is a file where its suffix is that of a picture, unless such a folder is there or
        it ends with a slash. ``format`` is that of the results: JPEG, PNG, TIFF, WEBP or AVIF, in
        any case.

        Raises:
            WrongInput: ``output`` is one file for several pictures, of another format or of one
                that is not written; there is no such format; an input is empty.
        """
        if format is not None and format.upper() not in SUFFIXES:
            message = f"no format named {format!r}; {suggestion(format.upper(), SUFFIXES)}"
            raise WrongInput(message)
        format = None if format is None else format.upper()
        self.format, self.shard = format, shard or Shard()
        # A shell names them, too, where people mean their own by *.
        swept = [t for t in inputs if len(inputs) > 1 and litter_of(Path(t).name) and is_folder(t)]
        self._litter = swept if len(swept) < len(inputs) else []
        self.inputs = [text for text in inputs if text not in self._litter]
        if not all(self.inputs):
            message = "an input is empty: give a file, a folder or a pattern"
            raise WrongInput(message)
        self._ledgers, self._named = Ledgers(), Inputs((), None)
        self._file = output_file(output, format)
        self.output = None if output is None or self._file is not None else Path(output)
        if self._file is not None:
            found = [f for f in self._found() if not (f.problem or f.left_out)]
            if len(found) > 1:
                is_one = len({f.path for f in found}) == 1
                where = "a folder, or a .tif for all pages" if is_one else "a folder"
                message = f"{output} is one file, but there are {len(found)} pictures; name {where}"
                raise WrongInput(message)

    @property
    def homes(self) -> list[Path]:
        """The folders that keep the records: the output, or else every folder that is colored."""
        if self._file is not None:
            return []
        if self.output is not None:
            return [self.output]
        roots = (root_of(text) for text in self.inputs if is_many(text))
        return list(dict.fromkeys(Path(root) for root in roots if is_folder(root)))

    def __iter__(self) -> Iterator[Job]:
        taken: set[int] = set()
        for found in self._found():
            # Named before it is known whose it is: names depend on all that come earlier.
            job = self._job(found, taken)
            if self._holds(found):
                yield job

    def count(self) -> int:
        """How many jobs there are, but for what is left out."""
        return sum(1 for found in self._found() if not found.left_out and self._holds(found))

    def _holds(self, found: Found) -> bool:
        """Whether a file is of this shard, by its place below the input that it was found in."""
        if self.shard.count == 1:
            return True
        return self.shard.holds(Path(os.path.relpath(found.path, found.root)).as_posix())

    def _found(self) -> Iterator[Found]:
        """Every file once, even if several inputs name it."""
        self._named = Inputs(self.inputs, self.output)
        for home in self.homes:
            self._ledgers.of(home)
        for text in self._litter:
            yield Found(text, root_of(text), left_out=LITTER)
        # Digests: the paths of a large archive would take ten times the memory.
        seen: set[int] = set()
        for text in dict.fromkeys(self.inputs):
            for found in expand(text, leave_out=self.output, ledgers=self._ledgers):
                if len(self.inputs) > 1:
                    digest = hash(os.path.abspath(found.path))  # noqa: PTH100 - keeps links
                    if digest in seen:
                        continue
                    seen.add(digest)
                if not (found.alone and self._is_result_of_named(found.path)):
                    yield from self._pages_of(found)

    def _pages_of(self, found: Found) -> Iterator[Found]:
        """A file, or each page of a PDF that is not to become a TIFF, which holds them all.

        What cannot be opened is one job, which fails with the reason.
        """
        kind = self.format or (self._file and format_of_name(self._file))
        is_pdf = KIND_OF_SUFFIX.get(suffix_of(found.path)) == "PDF"
        pages = 1
        if is_pdf and kind != "TIFF" and not (found.problem or found.left_out):
            pages = _pages(found.path, Stamp.of(Path(found.path)))
        if pages == 1:
            yield found
        else:
            yield from (found._replace(page=n + 1, pages=pages) for n in range(pages))

    def _is_result_of_named(self, path: str) -> bool:
        """Whether a file that was named is a result, and its photograph was named, too.

        A shell names both where a pattern matches them. A result named without it is meant.
        """
        made = self._made(self.output, Path(path))
        if made is not None and self.output is not None:
            source = self.output / made.source
            if self._named.names_alone(source) and is_result(path, [made], ()):
                return True
        return self._named.name_original(path) and is_ours(path)

    def _job(self, found: Found, taken: set[int]) -> Job:
        path, root = Path(found.path), Path(found.root)
        if found.problem:
            return Job(path, path, found.problem)
        if found.left_out:
            return Job(path, path, left_out=_why_left_out(found))
        if self._file is not None:
            return Job(path, self._file)
        home = self.output or (None if found.alone else root)
        named = page_beside(path, found.page, found.pages) if found.page else path
        destination = self._free(named, path, root, home, taken)
        taken |= {hash(str(destination)), hash(_folded(destination))}
        # A name that no record knows was found free of originals just now.
        made = self._made(home, destination)
        occupied = made is not None and self._is_original(destination, named, made)
        return Job(path, destination, home=home, occupied=occupied, page=found.page)

    def _free(
        self, named: Path, path: Path, root: Path, home: Path | None, taken: set[int]
    ) -> Path:
        """The first of the names of a result that is no other's; that of the records, if any.

        ``named`` is what the photograph at ``path`` would be called if it were a file of its own.
        """
        first = self._destination(named, root)
        free = (name for name in _names(named, first) if hash(_folded(name)) not in taken)
        if home is None or self._ledgers.known(home) is None:
            return next(name for name in free if not self._is_original(name, named))
        source = relative_to(home, path)
        for name in itertools.islice(_names(named, first), 2):
            made = self._made(home, name)
            # As it was written: earlier runs told names apart that differ by capitals alone.
            if made is not None and made.source == source and hash(str(name)) not in taken:
                return name
        for name in free:
            made = self._made(home, name)
            if made is None:
                is_free = not self._is_original(name, named)
            else:
                is_free = made.source == source or not self._holds_on(home, made)
            if is_free:
                break
        return name

    def _made(self, home: Path | None, name: Path) -> Made | None:
        """What the records of a home say of a result."""
        ledger = None if home is None else self._ledgers.known(home)
        return None if home is None or ledger is None else ledger.made(relative_to(home, name))

    def _is_original(self, name: Path, path: Path, made: Made | None = None) -> bool:
        """Whether what lies at the name of the result of ``path`` is a photograph of the run."""
        if not is_file(name) or not self._named.name(name):
            return False
        is_beside = name.parent == path.parent and not self._named.names_alone(name)
        names = {path.name, path.stem} if is_beside else set[str]()
        recorded = () if made is None else (made,)
        return not is_result(str(name), recorded, names) and not is_ours(name)

    def _holds_on(self, home: Path, made: Made) -> bool:
        """Whether the photograph that a result was made from is still one to color."""
        owner = os.path.abspath(home / made.source)  # noqa: PTH100 - keeps links
        return is_file(Path(owner)) and self._named.name(owner)

    def _destination(self, path: Path, root: Path) -> Path:
        suffix = SUFFIXES[self.format] if self.format else suffix_for(path)
        if self.format and WRITABLE.get(path.suffix.lower()) == self.format:
            suffix = path.suffix
        marked = path.with_name(f"{path.stem}{RESULT_MARK}{suffix}")
        if self.output is None:
            return marked
        kept = self.output / path.relative_to(root).with_suffix(suffix)
        same = is_there(kept) and os.path.realpath(kept) == os.path.realpath(path)
        return kept.with_name(marked.name) if same else kept


@functools.lru_cache(maxsize=10_000)
def _pages(path: str, stamp: Stamp | None) -> int:
    """How many pages a file of this stamp has; 1 where that cannot be told."""
    try:
        return page_count(path)
    except PhotochromError:
        return 1


def _why_left_out(found: Found) -> str:
    """The reason, for people."""
    if found.left_out == LITTER:
        return "it belongs to the system, not to your pictures"
    return why_not_read(suffix_of(found.path))


def _names(path: Path, first: Path) -> Iterator[Path]:
    """What the result of a photograph may be called: of two photographs that give one name, the
    later one keeps its own suffix in it.
    """
    yield first
    for number in itertools.count(1):
        again = "" if number == 1 else f"-{number}"
        yield first.with_name(f"{path.name}{again}{RESULT_MARK}{first.suffix}")


def _folded(path: Path) -> tuple[str]:
    """A path as disks see it to which capitals, or how accents are spelled, make no difference.

    No mere text: it would equal that of another path, which is written so.
    """
    return (unicodedata.normalize("NFC", str(path)).casefold(),)
