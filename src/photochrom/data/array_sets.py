"""Public sets whose pictures lie in arrays instead of files: CIFAR and STL-10."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from photochrom.errors import DataError, MissingExtra


class ArrayPictures:
    """Pictures of an array ``(N, H, W, 3)`` uint8, handed out as PPM files."""

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
        return self._labels[index] if len(self._labels) else ""

    def size(self, index: int) -> int:
        """The same for all."""
        return int(self._pixels[0].nbytes)

    def read(self, index: int) -> bytes:
        """The picture as PPM."""
        picture = np.ascontiguousarray(self._pixels[index])
        return b"P6\n%d %d\n255\n" % (picture.shape[1], picture.shape[0]) + picture.tobytes()


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


def open_stl10(root: Path, split: str) -> ArrayPictures:
    """STL-10 from its binary files, which stay on disk: pixels are mapped, not loaded."""
    folder = root / "stl10_binary"
    pixels, labels, names = (
        folder / f for f in (f"{split}_X.bin", f"{split}_y.bin", "class_names.txt")
    )
    if not pixels.is_file() or not pixels.stat().st_size or pixels.stat().st_size % (3 * 96 * 96):
        message = f"no stl10 in {root}: no whole {pixels}; photochrom data fetch stl10 downloads it"
        raise DataError(message)
    # Stored by picture, channel, column, row.
    stored = np.memmap(pixels, np.uint8, "r").reshape(-1, 3, 96, 96)
    of_picture: list[str] = []
    if labels.is_file() and names.is_file():
        classes = names.read_text(encoding="utf-8").split()
        of_picture = [classes[number - 1] for number in np.fromfile(labels, np.uint8)]
    return ArrayPictures(f"stl10-{split}", stored.transpose(0, 3, 2, 1), of_picture)
