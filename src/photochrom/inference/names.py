"""Formats that are written, and what results are called."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from photochrom.errors import WrongInput
from photochrom.photo.folders import is_folder
from photochrom.photo.kinds import KIND_OF_SUFFIX, KINDS, KNOWN_SUFFIXES, suffix_of
from photochrom.photo.results import RESULT_MARK

WRITABLE = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF",
    ".webp": "WEBP", ".avif": "AVIF",
}  # fmt: skip
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif", "WEBP": ".webp", "AVIF": ".avif"}


def as_path(source: Any) -> Any:
    """Whatever names a file, such as an entry of ``os.scandir``, as a Path; all else as it is.

    Text stays text. Raises :class:`WrongInput` for what can be no name on any disk.
    """
    is_other = isinstance(source, os.PathLike) and not isinstance(source, Path)
    path = Path(os.fsdecode(source)) if is_other else source
    if isinstance(path, str | Path):
        try:
            is_name = b"\0" not in os.fsencode(path)
        except UnicodeEncodeError:
            is_name = False
        if not is_name:
            message = f"{str(path)!r} can be no file's name: some of its characters are none"
            raise WrongInput(message)
    return path


def beside(source: Path) -> Path:
    """The default name of a result: ``grandma.color.jpg`` beside ``grandma.jpg``.

    Raises :class:`WrongInput` for a path that ends in no name.
    """
    if not source.name:
        message = f"a photo is a file, which {str(source)!r} is not"
        raise WrongInput(message)
    return source.with_name(f"{source.stem}{RESULT_MARK}{suffix_for(source)}")


def alternative_beside(result: Path, number: int) -> Path:
    """``grandma.color-1.jpg`` beside ``grandma.color.jpg`` and beside ``grandma.jpg``.

    Always marked as ours: ``grandma-1.jpg`` may be another photograph, or its result.
    """
    stem = result.stem.removesuffix(RESULT_MARK)
    return result.with_name(f"{stem}{RESULT_MARK}-{number}{result.suffix}")


def suffix_for(source: Path) -> str:
    """The source's own suffix where we write that format, else that of its kind's results."""
    suffix = source.suffix.lower()
    return source.suffix if suffix in WRITABLE else SUFFIXES[result_of(KIND_OF_SUFFIX.get(suffix))]


def result_of(kind: str | None) -> str:
    """The format of results of photographs of this kind, where no other is asked for."""
    return KINDS[kind].result if kind in KINDS else "PNG"


def page_beside(source: Path, page: int, pages: int) -> Path:
    """What a page of a file, counted from 1, would be called as a file: ``album-07.pdf``.

    As many digits as the last page has, so that they are in order everywhere.
    """
    return source.with_name(f"{source.stem}-{page:0{len(str(pages))}}{source.suffix}")


def format_of_name(path: Path, format: str | None = None) -> str:
    """The format that a file's suffix names; raises :class:`WrongInput` if none that is written.

    So it does if that is not the ``format`` that is wanted.
    """
    kind = WRITABLE.get(path.suffix.lower())
    if kind is None:
        message = f"cannot write {path.suffix or 'a file without suffix'}: {path}"
        message += f"; results are {_formats_here()}"
        raise WrongInput(message)
    if format not in (None, kind):
        message = f"the suffix of {path} says {kind}, not {format}: change the suffix or the format"
        raise WrongInput(message)
    return kind


def output_file(output: str | Path | None, format: str | None = None) -> Path | None:
    """The one file that ``--output`` names; None if it names a folder, or nothing.

    What has the suffix of a picture is a file, unless a folder is there or a slash ends it: a file
    that cannot be written is a mistake, which raises :class:`WrongInput`, and no folder's name.
    """
    text = str(output or "")
    is_slashed = text.endswith((os.sep, os.altsep or os.sep))
    if is_slashed or is_folder(text) or suffix_of(text) not in KNOWN_SUFFIXES:
        return None
    try:
        format_of_name(Path(text), format)
    except WrongInput as error:
        if suffix_of(text) in WRITABLE:
            raise
        message = f"{error}; a folder of that name ends with a slash: {text}{os.sep}"
        raise WrongInput(message) from error
    return Path(text)


def _formats_here() -> str:
    """The formats that are written, for people; without those that this Pillow lacks."""
    from PIL import features

    names = ["JPEG", "PNG", "TIFF"]
    names += [name for name in ("WebP", "AVIF") if features.check(name.lower())]
    return f"{', '.join(names[:-1])} or {names[-1]}"


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two paths name one file, through links too, whether or not it exists yet."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return os.path.realpath(one) == os.path.realpath(other)
