"""A folder of picture files, with all below it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from photochrom.data.categories import category_of_path
from photochrom.data.names import Names
from photochrom.data.own_results import own_results
from photochrom.errors import DataError
from photochrom.photo.kinds import KIND_OF_SUFFIX

PICTURE_SUFFIXES = frozenset(
    suffix for suffix, kind in KIND_OF_SUFFIX.items() if kind not in ("JXL", "PDF")
)


class FolderPictures:
    """Every picture file below a folder, sorted by path; what is hidden is left out.

    So are our own results, whose paths ``own_results`` has.
    """

    def __init__(self, folder: Path) -> None:
        """List the files; raises :class:`DataError` if there is no picture nor result."""
        self.folder = folder
        paths = sorted(_files_below(folder))
        self.own_results = own_results(folder, paths)
        ours = set(self.own_results)
        self._paths = Names(path for path in paths if path not in ours)
        if not paths:
            message = f"no pictures in {folder}"
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
        """The file's bytes; raises :class:`DataError` if it is gone."""
        try:
            return (self.folder / self._paths[index]).read_bytes()
        except OSError as error:
            message = f"cannot read the picture {self._paths[index]}: {error}"
            raise DataError(message) from error


def _files_below(folder: Path) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        # In place: what is left out here is not walked.
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(parent).relative_to(folder)
        for name in names:
            suffix = os.path.splitext(name)[1]  # noqa: PTH122 - a Path for each name is slow
            if suffix.lower() in PICTURE_SUFFIXES and not name.startswith("."):
                yield (below / name).as_posix()
