"""A folder of picture files, with all below it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from photochrom.data.categories import category_of_path
from photochrom.data.names import Names
from photochrom.data.own_results import own_results
from photochrom.errors import DataError
from photochrom.photo.atomic import reason_of
from photochrom.photo.folders import FOLDER, PICTURE, LeftOut, entries_of
from photochrom.photo.kinds import KIND_OF_SUFFIX

PICTURE_SUFFIXES = frozenset(
    suffix for suffix, kind in KIND_OF_SUFFIX.items() if kind not in ("JXL", "PDF")
)


class FolderPictures:
    """Every picture file below a folder, sorted by path; what is hidden is left out.

    So are our own results, whose paths ``own_results`` has. ``left_out`` counts files of kinds that
    are not read and litter of the system; ``closed`` names folders that cannot be listed, each with
    the reason.
    """

    def __init__(self, folder: Path) -> None:
        """List the files; raises :class:`DataError` if there is no picture nor result."""
        self.folder = folder
        self.left_out, self.closed = LeftOut(), list[str]()
        paths = sorted(self._files())
        self.own_results = own_results(folder, paths)
        ours = set(self.own_results)
        self._paths = Names(path for path in paths if path not in ours)
        if not paths:
            others = "; ".join((*self.closed, *self.left_out.lines()))
            message = f"no pictures in {folder}" + (f" ({others})" if others else "")
            raise DataError(message)

    def __len__(self) -> int:
        return len(self._paths)

    def name(self, index: int) -> str:
        """Path below the folder, with slashes on every system."""
        return self._paths[index]

    def category(self, index: int) -> str:
        """What the path says of the picture's kind, see :func:`category_of_path`."""
        return category_of_path(self._paths[index], self.folder.resolve().name)

    def size(self, index: int) -> int:
        """Bytes of the file; 0 if it is gone."""
        try:
            return (self.folder / self._paths[index]).stat().st_size
        except OSError:
            return 0

    def read(self, index: int) -> bytes:
        """The file's bytes; raises :class:`DataError` if it is gone or may not be read."""
        try:
            return (self.folder / self._paths[index]).read_bytes()
        except OSError as error:
            reason = reason_of(error, missing="file")
            message = f"cannot read the picture {self._paths[index]}: {reason}"
            raise DataError(message) from error

    def _files(self) -> Iterator[str]:
        """Paths of the pictures below the folder, with slashes, in no order."""
        below = [""]
        while below:
            start = below.pop()
            place = self.folder / start
            try:
                entries = entries_of(place, PICTURE_SUFFIXES.__contains__)
            except OSError as error:
                self.closed.append(f"cannot list the folder {place}: {reason_of(error)}")
                continue
            for entry in entries:
                if entry.kind == FOLDER:
                    below.append(f"{start}{entry.name}/")
                elif entry.kind == PICTURE:
                    yield f"{start}{entry.name}"
                else:
                    self.left_out.add(entry.name)
