"""What a result was made of: the photograph, the model and the settings."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.inference.colorizer import Colorizer

_DIGESTS = {
    "sha256": "another file of the model",
    "steered_by": "another picture of the reference's name",
}
"""What is said of settings that are digests, where nothing else differs."""

_COARSE = 2_000_000_000
"""Nanoseconds: FAT keeps every second second, and other disks and mounts whole ones."""


@dataclass(frozen=True)
class Stamp:
    """Size in bytes and time of change in nanoseconds: equal stamps, equal file."""

    size: int
    mtime: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """The stamp of an ordinary file (through links); None if there is no such thing."""
        try:
            found = path.stat()
        except (OSError, ValueError):
            return None
        return cls(found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None

    def is_like(self, size: int, mtime: int) -> bool:
        """Whether it may be that of a file which was copied since to a disk of coarser times."""
        return self.size == size and abs(self.mtime - mtime) <= _COARSE


def digest_of(path: Path) -> str:
    """The sha256 of a file's content; raises OSError."""
    return _digest(path, Stamp.of(path))


@functools.lru_cache(maxsize=64)
def _digest(path: Path, stamp: Stamp | None) -> str:
    """That of a file of this stamp: the same for all pages of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settings_of(colorizer: Colorizer, writing: Mapping[str, Any]) -> dict[str, Any]:
    """Everything besides the photograph that decides what its result is, ready for JSON.

    ``writing`` are the options of :meth:`Colorizer.write`. The dial stands for what it was set to
    in numbers, so that a new default counts as another setting.
    """
    card, (rebalance, temperature) = colorizer.session.card, colorizer.dial
    chosen = dataclasses.asdict(colorizer.settings)
    chosen.pop("vividness", None)
    chosen |= {"rebalance": round(rebalance, 9), "temperature": round(temperature, 9)}
    if colorizer.steering is not None and colorizer.steering.digest:
        chosen["steered_by"] = colorizer.steering.digest[:16]
    model = {"model": card.name, "version": card.version, "sha256": card.sha256}
    plain = {name: _plain(value) for name, value in {**chosen, **writing}.items()}
    return model | {name: value for name, value in plain.items() if value is not None}


def key_of(settings: Mapping[str, Any]) -> str:
    """A short name of settings, equal for equal ones."""
    text = json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What differs, for people: ``strength 1, not 0.8``; the older one first."""
    names = [n for n in dict.fromkeys((*before, *now)) if before.get(n) != now.get(n)]
    # Digests say nothing to people where names do.
    if "steering" in names and "steered_by" in names:
        names.remove("steered_by")
    if "sha256" in names and len(names) > 1:
        names.remove("sha256")
    shown = [_difference(name, before.get(name), now.get(name)) for name in names]
    return "; ".join(shown)


def _difference(name: str, before: Any, now: Any) -> str:
    if name in _DIGESTS:
        return _DIGESTS[name]
    if name == "steering":
        # Hints and palettes spell themselves out.
        parts = [f"with {before}" if before else "", f"without {now}" if now else ""]
        return " and ".join(part for part in parts if part)
    return f"{name} {_shown(before)}, not {_shown(now)}"


def _shown(value: Any) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    """A value that JSON holds and that is equal in every process."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        shape = "x".join(map(str, value.shape))
        return f"{value.dtype} {shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return type(value).__qualname__
