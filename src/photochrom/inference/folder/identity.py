"""What a result was made of: the photograph, the model and the settings."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.inference.colorizer import Colorizer
from photochrom.inference.folder.jobs import FOREIGN_RESULT
from photochrom.photo.results import is_ours, stated_in

_DIGESTS = {
    "sha256": "another file of the model",
    "steered_by": "another picture of the reference's name",
}
"""What is said of settings that are digests, where nothing else differs."""

_DIAL = ("vividness", "rebalance", "temperature")
"""What people choose, and the numbers that it stands for."""

_WORD = re.compile(r"(?:^| )([a-z]+)=")
"""Before each of the settings that a provenance lists."""

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
    vividness = colorizer.vividness
    chosen["vividness"] = None if vividness is None else round(vividness, 9)
    chosen |= {"rebalance": round(rebalance, 9), "temperature": round(temperature, 9)}
    if colorizer.steering is not None and colorizer.steering.digest:
        chosen["steered_by"] = colorizer.steering.digest[:16]
    model = {"model": card.name, "version": card.version, "sha256": card.sha256}
    plain = {name: _plain(value) for name, value in {**chosen, **writing}.items()}
    return model | {name: value for name, value in plain.items() if value is not None}


def key_of(settings: Mapping[str, Any]) -> str:
    """A short name of settings, equal for equal ones: the numbers decide, not how they came."""
    decisive = {name: value for name, value in settings.items() if name != _DIAL[0]}
    text = json.dumps(decisive, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What differs, for people: ``strength 1, not 0.8``; the older one first."""
    names = [n for n in dict.fromkeys((*before, *now)) if before.get(n) != now.get(n)]
    dial = ""
    if any(name in names for name in _DIAL[1:]):
        dial = _dial(before, now)
    names = [n for n in names if n not in _DIAL]
    # Digests say nothing to people where names do.
    if "steering" in names and "steered_by" in names:
        names.remove("steered_by")
    if "sha256" in names and len(names) > 1:
        names.remove("sha256")
    shown = [_difference(name, before.get(name), now.get(name)) for name in names]
    return "; ".join([dial, *shown] if dial else shown)


def _dial(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What differs between two places on the dial, or two that were set by hand."""
    (vividness, *numbers), chosen = _DIAL, [one.get(_DIAL[0]) is not None for one in (before, now)]
    if all(chosen):
        was, wanted = before[vividness], now[vividness]
        return "" if was == wanted else _difference(vividness, was, wanted)
    if not any(chosen):
        names = [name for name in numbers if before.get(name) != now.get(name)]
        return "; ".join(_difference(name, before.get(name), now.get(name)) for name in names)
    said = [
        f"{vividness} {_shown(one[vividness])}"
        if is_chosen
        else " and ".join(f"{name} {_shown(one.get(name))}" for name in numbers)
        for one, is_chosen in zip((before, now), chosen, strict=True)
    ]
    return ", not ".join(said)


def different(result: Path, colorizer: Colorizer) -> str:
    """How a result says it was made, if a colorizer would make it otherwise; hints apart.

    That it is somebody else's, if it does not say it is ours. Empty where nothing differs, or
    where it says that it is ours and no more.
    """
    stated = stated_in(result)
    if stated is None:
        return "" if is_ours(result) else FOREIGN_RESULT
    now = colorizer.provenance()
    before, after = (
        {"model": one.model, "version": one.version, **_words(one.settings)}
        for one in (stated, now)
    )
    unlike = difference(before, after)
    return f"made with other settings: {unlike}" if unlike else ""


def _words(settings: str) -> dict[str, Any]:
    """The settings of a provenance by name, but for what changes no color that was asked for."""
    parts = _WORD.split(settings)
    named: dict[str, Any] = dict(zip(parts[1::2], parts[2::2], strict=True))
    named["keep_tint"] = named.pop("tint", "") == "kept"
    return {name: value for name, value in named.items() if name not in ("hints", "device")}


def _difference(name: str, before: Any, now: Any) -> str:
    if name in _DIGESTS:
        return _DIGESTS[name]
    if name == "steering":
        # Hints and palettes spell themselves out.
        parts = [f"with {before}" if before else "", f"without {now}" if now else ""]
        return " and ".join(part for part in parts if part)
    if isinstance(now if before is None else before, bool):
        option = name if name == "provenance" else f"--{name.replace('_', '-')}"
        return f"{'with' if before else 'without'} {option}"
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
