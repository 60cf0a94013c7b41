from __future__ import annotations

import pytest

from photochrom.photo.litter import litter_of

LITTER = {
    "@eaDir": "@eaDir",
    "@EADIR": "@eaDir",
    "#recycle": "#recycle",
    "$RECYCLE.BIN": "$RECYCLE.BIN",
    "$Recycle.Bin": "$RECYCLE.BIN",
    "System Volume Information": "System Volume Information",
    ".Trash-1000": ".Trash-*",
    ".Trashes": ".Trashes",
    "lost+found": "lost+found",
    "__MACOSX": "__MACOSX",
    "._grandma.jpg": "._*",
    ".thumbnails": ".thumbnails",
    "Thumbs.db": "Thumbs.db",
    "thumbs.DB": "Thumbs.db",
    ".DS_Store": ".DS_Store",
    ".AppleDouble": ".AppleDouble",
    ".Spotlight-V100": ".Spotlight-V100",
    "desktop.ini": "desktop.ini",
}


@pytest.mark.parametrize("name", LITTER)
def test_litter_has_a_name(name: str) -> None:
    assert litter_of(name) == LITTER[name]


OWN = "1920 lost_and_found Recycled thumbs thumbnails .hidden ._ a._b.jpg eaDir _MACOSX .trash-"


@pytest.mark.parametrize("name", ["", "System Volume", *OWN.split()])
def test_what_people_call_their_own_is_none(name: str) -> None:
    assert litter_of(name) == ""
