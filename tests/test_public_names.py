"""The public names, as an inventory: taking one away is an edit that someone has to make here."""

from __future__ import annotations

from pathlib import Path

import photochrom

INVENTORY = Path(__file__).with_name("public_names.txt")


def test_public_names_are_those_of_the_inventory() -> None:
    assert sorted(photochrom.__all__) == INVENTORY.read_text(encoding="utf-8").split()


def test_every_public_name_can_be_had() -> None:
    for name in photochrom.__all__:
        assert getattr(photochrom, name) is not None


def test_dir_lists_the_public_names() -> None:
    assert set(photochrom.__all__) <= set(dir(photochrom))


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(photochrom, "colorise")
