"""Names to cards: a small, ordered, immutable-by-key registry whose errors help."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from photochrom.errors import UnknownName, WrongInput

Card = TypeVar("Card")


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: the nearest known ones, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}"


def check_options(build: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Raise :class:`WrongInput` for an option that ``build`` does not take, with the nearest ones.

    Also for a value of another type. A ``build(**options)`` takes what the class takes that it says
    it returns.
    """
    known, more = _keywords(build)
    if more:
        made = get_type_hints(build).get("return")
        passed_on, more = _keywords(made) if made is not None else ({}, True)
        known = passed_on | known
    for name, value in options.items():
        if name not in known and not more:
            hint = suggestion(name, known) if known else "it has no options"
            message = f"unknown option {name!r}; {hint}"
            raise WrongInput(message)
        if name in known and not _is(value, known[name]):
            kind = known[name] if get_args(known[name]) else known[name].__name__
            message = f"{name} must be {kind}, not {value!r}"
            raise WrongInput(message)


def _keywords(called: Callable[..., Any]) -> tuple[dict[str, Any], bool]:
    """Names that may be given to it with their types, and whether it takes any others."""
    parameters = inspect.signature(called, eval_str=True).parameters.values()
    more = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return {p.name: p.annotation for p in parameters if p.kind is not p.VAR_KEYWORD}, more


def _is(value: Any, hint: Any) -> bool:
    """Whether a value, as TOML has it, is of a type; of types that TOML has not, any is."""
    origin, args = get_origin(hint) or hint, get_args(hint)
    if origin in (Union, UnionType):
        return any(_is(value, one) for one in args)
    if origin is Literal:
        return value in args
    if origin in (tuple, list, Sequence):
        if not isinstance(value, list | tuple):
            return False
        endless = origin is not tuple or args[-1:] == (Ellipsis,)
        each = [args[0]] * len(value) if endless and args else args
        return len(each) == len(value) and all(map(_is, value, each))
    if origin in (int, float, bool, str, type(None)):
        number = origin is float and isinstance(value, int)
        return (isinstance(value, origin) or number) and (origin is bool) == isinstance(value, bool)
    return True


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
