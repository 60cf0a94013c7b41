"""What a recipe may ask of a loss: one line for an option that is out of its range."""

from __future__ import annotations

from photochrom.errors import WrongInput


def require(fits: bool, name: str, value: object, rule: str) -> None:
    """Raise :class:`WrongInput` unless the option ``fits``; ``rule`` says what it must be."""
    if not fits:
        message = f"{name} must be {rule}, not {value!r}"
        raise WrongInput(message)


def require_choice(name: str, value: object) -> None:
    """Raise :class:`WrongInput` unless the option is true or false: any text counts as true."""
    require(isinstance(value, bool), name, value, "true or false")
