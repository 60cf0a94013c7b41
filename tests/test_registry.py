from __future__ import annotations

import pytest

from photochrom.errors import UnknownName, WrongInput
from photochrom.registry import Registry, check_options


def test_names_in_order_and_once() -> None:
    cards: Registry[int] = Registry("number")
    cards.add("one", 1)
    cards.add("two", 2)
    assert list(cards) == ["one", "two"]
    assert cards["two"] == 2
    with pytest.raises(ValueError, match="already"):
        cards.add("one", 3)
    assert cards["one"] == 1


def test_a_wrong_name_offers_the_nearest() -> None:
    cards: Registry[int] = Registry("network")
    cards.add("colorunet", 1)
    cards.add("eccv16", 2)
    with pytest.raises(UnknownName, match=r"no network named 'colornet'; did you mean colorunet\?"):
        cards["colornet"]
    with pytest.raises(UnknownName, match="there are: colorunet, eccv16"):
        cards["xyz"]


class Made:
    def __init__(self, *, width: int = 1, depth: int = 1) -> None: ...


def build(*, bins: int = 2, **options: int) -> Made:
    return Made(**options)


def plain() -> Made:
    return Made()


def untold(**options):  # type: ignore[no-untyped-def]
    return Made(**options)


def typed(*, sizes: tuple[int, int] = (1, 2), rate: float = 1, near: int | None = None) -> Made:
    return Made(width=sizes[0], depth=near or int(rate))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"sizes": 5}, r"sizes must be tuple\[int, int\], not 5"),
        ({"sizes": [1]}, r"sizes must be .*, not \[1\]"),
        ({"sizes": [1, True]}, "sizes must be"),
        ({"rate": "a"}, "rate must be float, not 'a'"),
        ({"near": 1.5}, r"near must be int \| None, not 1.5"),
    ],
)
def test_a_value_of_another_type_is_named(options: dict, text: str) -> None:
    check_options(typed, {"sizes": [1, 2], "rate": 3, "near": None})
    with pytest.raises(WrongInput, match=text):
        check_options(typed, options)


def test_options_are_those_of_the_function_and_of_what_it_makes() -> None:
    check_options(build, {"bins": 3, "width": 2, "depth": 1})
    check_options(untold, {"anything": 1})
    with pytest.raises(WrongInput, match="unknown option 'widths'; did you mean width"):
        check_options(build, {"widths": 3})
    with pytest.raises(WrongInput, match="unknown option 'width'; it has no options"):
        check_options(plain, {"width": 3})
