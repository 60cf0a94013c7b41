"""What must hold whatever the bytes are."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from photochrom.errors import MissingExtra, PhotochromError, PhotoTooLarge
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.session import Chroma
from photochrom.photo.decode import read, size_of
from photochrom.photo.jpeg_luma import CodedLuma
from photochrom.photo.photo import Photo

MOST_PIXELS = 2_000_000
_SUFFIXES = (".png", ".tif", ".jpg", ".webp", ".avif", ".png", ".tif", ".jpg")
_EXACT = (".png", ".tif")
_LONGEST_TEXT = 600


class BrokenPromise(AssertionError):
    """A file for which something does not hold that should for every file."""


class EvenColor:
    """A session that answers every picture with one color: the network's time is not the point."""

    device = "cpu"

    def __init__(self, card: object) -> None:
        self.card = card

    def run(self, lightness: np.ndarray, **_options: object) -> Chroma:
        batch, _, height, width = lightness.shape
        ab = np.empty((batch, 2, height // 4, width // 4), np.float32)
        ab[:, 0], ab[:, 1] = 25.0, 30.0
        return Chroma(ab)


def check_read(data: bytes, path: Path) -> str:
    """Read the bytes and the file that holds them: "read" or "refused"; raises BrokenPromise."""
    path.write_bytes(data)
    states = {_read_one(data), _read_one(path)}
    _measure(path)
    if path.read_bytes() != data:
        _broken("the original was changed")
    if len(states) > 1:
        _broken("bytes and file of the same content differ")
    return states.pop()


def check_save(data: bytes, path: Path, colorizer: Colorizer, choice: int) -> str:
    """Colorize the file into another beside it: "saved" or "refused"; raises BrokenPromise."""
    path.write_bytes(data)
    for entry in path.parent.iterdir():  # what a broken promise before this one left
        if entry != path:
            entry.unlink()
    target = path.with_name(f"result{_SUFFIXES[choice % len(_SUFFIXES)]}")
    try:
        photo = _read_photo(path)
        if photo is not None:
            colorizer.save(path, target)
            _check_result(photo, target)
    except PhotochromError as error:
        _check_text(error)
        if target.exists():
            _broken("an error and yet a result")
    left = {entry.name for entry in os.scandir(path.parent)} - {path.name, target.name}
    if left:
        _broken(f"left behind: {sorted(left)}")
    if path.read_bytes() != data:
        _broken("the original was changed")
    saved = target.exists()
    target.unlink(missing_ok=True)
    return "saved" if saved else "refused"


def _measure(path: Path) -> None:
    """What a folder run asks of every file before it decodes any."""
    try:
        if min(size_of(path)) < 0:
            _broken("a negative size")
    except PhotochromError as error:
        _check_text(error)


def _read_one(source: bytes | Path) -> str:
    try:
        return "refused" if _read_photo(source) is None else "read"
    except PhotochromError as error:
        _check_text(error)
        return "refused"


def _read_photo(source: bytes | Path) -> Photo | None:
    """The photo, its fields checked; None when it is larger than this program looks at."""
    try:
        photo = read(source, max_pixels=MOST_PIXELS)
    except PhotoTooLarge as error:
        _check_text(error)
        return None
    luma, alpha = photo.luma, photo.alpha
    if luma.ndim != 2 or luma.dtype not in (np.uint8, np.uint16) or not luma.flags.c_contiguous:
        _broken(f"luma of {luma.shape} {luma.dtype}")
    if alpha is not None and (alpha.shape != luma.shape or alpha.dtype != luma.dtype):
        _broken(f"alpha of {alpha.shape} {alpha.dtype} beside luma of {luma.shape} {luma.dtype}")
    if photo.frames < 1:
        _broken(f"{photo.frames} frames")
    return photo


def _check_result(photo: Photo, target: Path) -> None:
    """The result opens, has the photo's size, and is the photo when it is turned gray again."""
    try:
        result = read(target)
    except MissingExtra:
        return
    except PhotochromError as error:
        _broken(f"the result cannot be read: {error}")
    if result.luma.shape != photo.luma.shape:
        _broken(f"the result is {result.luma.shape}, the photo {photo.luma.shape}")
    carried = target.suffix == ".jpg" and photo.jpeg and isinstance(photo.jpeg.luma, CodedLuma)
    if carried and not np.array_equal(result.luma, photo.luma):
        _broken("the luma was carried over coded, and is another")
    if target.suffix in _EXACT:
        if result.luma.dtype != photo.luma.dtype:
            _broken(f"the result is {result.luma.dtype}, the photo {photo.luma.dtype}")
        away = np.abs(result.luma.astype(np.int32) - photo.luma).max()
        if away > 1:
            _broken(f"gray again is {away} levels away")


def _check_text(error: PhotochromError) -> None:
    text = str(error)
    if not text or "\n" in text or "\r" in text or len(text) > _LONGEST_TEXT:
        _broken(f"not one line of sensible length: {text[:200]!r}")


def _broken(what: str) -> None:
    raise BrokenPromise(what)
