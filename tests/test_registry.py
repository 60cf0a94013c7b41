from __future__ import annotations

import pytest

from photochrom.errors import UnknownName
from photochrom.registry import Registry


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
