"""Public sets whose pictures lie in arrays instead of files: CIFAR and STL-10."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from photochrom.errors import DataError, MissingExtra
from photochrom.photo.atomic import reason_of
from photochrom.photo.folders import is_file, refusal

_STL10_BYTES = 3 * 96 * 96


class ArrayPictures:
    """Pictures of an array ``(N, H, W, 3)`` uint8, handed out as PPM files."""

    own_results: tuple[str, ...] = ()

    def __init__(self, name: str, pixels: np.ndarray, labels: Sequence[str]) -> None:
        """``labels`` are the categories of the pictures, or empty."""
        self._name = name
        self._pixels = pixels
        self._labels = labels

    def __len__(self) -> int:
        return len(self._pixels)

    def name(self, index: int) -> str:
        """The set's name and the position."""
        return f"{self._name}#{index}"

    def category(self, index: int) -> str:
        """The label, or an empty string."""
        return self._labels[index] if self._labels else ""

    def size(self, index: int) -> int:
        """The same for all."""
        return int(self._pixels[0].nbytes)

    def read(self, index: int) -> bytes:
        """The picture as PPM."""
        return _as_ppm(self._pixels[index])


def open_cifar(root: Path, name: str, split: str) -> ArrayPictures:
    """CIFAR-10 or CIFAR-100 through torchvision, which checks the files before it unpickles."""
    try:
        from photochrom.backbones.torchvision_operators import declare_torchvision_operators

        declare_torchvision_operators()
        from torchvision import datasets
    except ImportError as error:
        raise MissingExtra("train", f"reading {name}") from error
    try:
        found = getattr(datasets, name.upper())(root, train=split == "train")
    except RuntimeError as error:
        message = f"no {name} in {root}; photochrom data fetch {name} downloads it"
        raise DataError(message) from error
    labels = [found.classes[target] for target in found.targets]
    return ArrayPictures(f"{name}-{split}", found.data, labels)


class Stl10Pictures:
    """Pictures of an STL-10 file, read one by one: the largest of them has 2.7 GB."""

    own_results: tuple[str, ...] = ()

    def __init__(self, file: Path, labels: Sequence[str]) -> None:
        """``labels`` are the categories of the pictures, or empty."""
        self.file = file
        self._labels = labels
        self._count = file.stat().st_size // _STL10_BYTES

    def __len__(self) -> int:
        return self._count

    def name(self, index: int) -> str:
        """The file's name and the position."""
        return f"{self.file.name}#{index}"

    def category(self, index: int) -> str:
        """The label, or an empty string."""
        return self._labels[index] if self._labels else ""

    def size(self, index: int) -> int:
        """The same for all."""
        return _STL10_BYTES

    def read(self, index: int) -> bytes:
        """The picture as PPM; raises :class:`DataError` if the file is gone."""
        try:
            with self.file.open("rb") as file:
                file.seek(index * _STL10_BYTES)
                stored = np.frombuffer(file.read(_STL10_BYTES), np.uint8)
        except OSError as error:
            message = f"cannot read {self.file}: {reason_of(error, missing='file')}"
            raise DataError(message) from error
        # Stored by channel, column, row.
        return _as_ppm(stored.reshape(3, 96, 96).transpose(2, 1, 0))


def open_stl10(root: Path, split: str) -> Stl10Pictures:
    """STL-10 from its binary files."""
    folder = root / "stl10_binary"
    pixels, labels, names = (
        folder / name for name in (f"{split}_X.bin", f"{split}_y.bin", "class_names.txt")
    )
    if reason := refusal(pixels):
        message = f"cannot read {pixels}: {reason}"
        raise DataError(message)
    if not is_file(pixels) or not pixels.stat().st_size or pixels.stat().st_size % _STL10_BYTES:
        message = f"no stl10 in {root}: no whole {pixels}; photochrom data fetch stl10 downloads it"
        raise DataError(message)
    of_picture: list[str] = []
    if is_file(labels) and is_file(names):
        classes = names.read_text(encoding="utf-8").split()
        of_picture = [classes[number - 1] for number in np.fromfile(labels, np.uint8)]
    return Stl10Pictures(pixels, of_picture)


def _as_ppm(picture: np.ndarray) -> bytes:
    """``(H, W, 3)`` uint8 as a PPM file."""
    return b"P6\n%d %d\n255\n" % (picture.shape[1], picture.shape[0]) + picture.tobytes()
