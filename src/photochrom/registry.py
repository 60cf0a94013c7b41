"""Names to cards: a small, ordered, immutable-by-key registry whose errors help."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from photochrom.errors import UnknownName

Card = TypeVar("Card")


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: the nearest known ones, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}"


class Registry(Generic[Card]):
    """Cards by name, in the order in which they were added."""

    def __init__(self, kind: str) -> None:
        """``kind`` is the noun used in errors, such as ``"network"``."""
        self.kind = kind
        self._cards: dict[str, Card] = {}

    def add(self, name: str, card: Card) -> Card:
        """Add a card under a new name and return it; a name can be taken once."""
        if name in self._cards:
            msg = f"the {self.kind} {name!r} is already registered"
            raise ValueError(msg)
        self._cards[name] = card
        return card

    def __getitem__(self, name: str) -> Card:
        try:
            return self._cards[name]
        except KeyError:
            raise UnknownName(self._explain(name)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._cards

    def __iter__(self) -> Iterator[str]:
        return iter(self._cards)

    def __len__(self) -> int:
        return len(self._cards)

    def _explain(self, name: str) -> str:
        return f"no {self.kind} named {name!r}; {suggestion(name, self)}"
