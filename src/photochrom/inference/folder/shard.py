"""A part of a run: job i of n, each in a process or on a machine of its own."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass

from photochrom.errors import WrongInput

_FILE = re.compile(r"run(?:-(\d+)-of-(\d+))?\.jsonl")


@dataclass(frozen=True)
class Shard:
    """Part ``index`` (from 1) of ``count``; the only part of an undivided run is 1 of 1."""

    index: int = 1
    count: int = 1

    def __post_init__(self) -> None:
        """Raise :class:`WrongInput` for a part that there is not."""
        if not 1 <= self.index <= self.count:
            message = f"the shard {self.index}/{self.count} is not i/n with i from 1 to n"
            raise WrongInput(message)

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``i/n``; raises :class:`WrongInput`."""
        match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
        if match is None:
            message = f"the shard {text!r} is not i/n, such as 1/8"
            raise WrongInput(message)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of_file(cls, name: str) -> Shard | None:
        """The part whose manifest has this name, if it is a manifest's name."""
        match = _FILE.fullmatch(name)
        return None if match is None else cls(int(match[1] or 1), int(match[2] or 1))

    @property
    def name(self) -> str:
        """The stem of what belongs to it on disk."""
        return "run" if self.count == 1 else f"run-{self.index}-of-{self.count}"

    def holds(self, path: str) -> bool:
        """Whether a path is in this part: by the path alone, whatever else lies beside it."""
        if self.count == 1:
            return True
        digest = hashlib.blake2b(os.fsencode(path), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.count == self.index - 1
