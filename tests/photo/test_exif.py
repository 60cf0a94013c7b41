import pytest
from PIL import Image

from photochrom.photo.exif import (
    dpi_of,
    orientation_of,
    trimmed,
    with_dpi,
    with_dpi_swapped,
    with_orientation_reset,
    with_sides_swapped,
    with_software,
    with_tags,
)


def block(order: str, **more: int) -> bytes:
    exif = Image.Exif()
    exif.endian = order
    exif[0x0112] = more.get("orientation", 6)
    exif[0x0110] = "Model of the camera"
    exif.get_ifd(0x8769)[0x927C] = b"notes with offsets"
    return exif.tobytes()[6:]


def parsed(exif: bytes) -> Image.Exif:
    result = Image.Exif()
    result.load(exif)
    return result


@pytest.mark.parametrize("order", ["<", ">"])
def test_changes_leave_the_rest_where_it_was(order):
    before = block(order)
    after = with_software(with_orientation_reset(before), "photochrom 0.1.0 (x)")
    assert orientation_of(before) == 6
    assert orientation_of(after) == 1
    exif = parsed(after)
    assert exif[0x0131] == "photochrom 0.1.0 (x)"
    assert exif[0x0110] == "Model of the camera"
    assert exif.get_ifd(0x8769)[0x927C] == b"notes with offsets"
    assert after.index(b"notes with offsets") == before.index(b"notes with offsets")


def test_a_new_block():
    exif = with_dpi(with_software(None, "é"), (300.0, 72.5))
    assert parsed(exif)[0x0131] == "?"
    assert dpi_of(exif) == (300.0, 72.5)


def test_software_is_replaced_not_repeated():
    exif = with_software(with_software(None, "one"), "two")
    assert dict(parsed(exif)) == {0x0131: "two"}


@pytest.mark.parametrize("orientation", [0, 9, 300])
def test_impossible_orientations_say_nothing(orientation):
    assert orientation_of(block("<", orientation=orientation)) is None


def test_no_block():
    for exif in (None, b"", b"Exif\0\0", b"II", b"II*\0\xff\0\0\0"):
        assert trimmed(exif) is None
        assert orientation_of(exif) is None
        assert dpi_of(exif) is None


def test_centimeters_become_inches():
    exif = Image.Exif()
    exif[0x011A], exif[0x011B], exif[0x0128] = 100.0, 50.0, 3
    assert dpi_of(exif.tobytes()[6:]) == pytest.approx((254, 127))


def test_a_thumbnail_is_cut_off():
    exif = bytearray(block("<"))
    end = end_of_first(exif)
    exif[end : end + 4] = (8).to_bytes(4, "little")
    after = with_software(bytes(exif), "x")
    end = end_of_first(after)
    assert after[end : end + 4] == bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", [None, 0, 1, 6])
def test_no_thumbnail_stays_of_an_upright_picture(order, orientation):
    """It was only cut off where something else was to be changed, too."""
    exif = bytearray(block(order, orientation=orientation or 0))
    if orientation is None:
        exif = bytearray(with_tags(bytes(exif), {0x0112: None}))
    end = end_of_first(exif)
    exif[end : end + 4] = b"\0\0\0\1"
    after = with_orientation_reset(bytes(exif))
    end = end_of_first(after)
    assert after[end : end + 4] == bytes(4)
    assert parsed(after)[0x0110] == "Model of the camera"
    assert orientation_of(after) in (None, 1)
    assert with_orientation_reset(after) == after


def test_a_resolution_of_a_picture_on_its_side_is_swapped():
    exif = with_dpi(block("<"), (300.0, 72.5))
    assert dpi_of(with_dpi_swapped(exif)) == (72.5, 300.0)
    for same in (None, block("<"), with_dpi(None, (300.0, 300.0))):
        assert with_dpi_swapped(same) == same


@pytest.mark.parametrize("order", ["<", ">"])
def test_sides_of_different_types_are_swapped_where_they_stand(order):
    exif = Image.Exif()
    exif.endian = order
    exif[0x0100], exif[0x0101] = 70_000, 300
    exif.get_ifd(0x8769).update({0xA002: 70_000, 0xA003: 300, 0x927C: b"notes with offsets"})
    before = exif.tobytes()[6:]
    after = with_sides_swapped(before)
    kept = parsed(after)
    assert (kept[0x0100], kept[0x0101]) == (300, 70_000)
    stated = kept.get_ifd(0x8769)
    assert (stated[0xA002], stated[0xA003]) == (300, 70_000)
    assert stated[0x927C] == b"notes with offsets"
    assert len(after) == len(before)
    assert with_sides_swapped(after) == before


def test_sides_that_are_not_both_there_stay_as_they_are():
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA002] = 45
    alone = exif.tobytes()[6:]
    # The last one's EXIF directory lies outside.
    nowhere = with_tags(None, {0x8769: (60_000,)})
    for same in (None, b"no block", block("<"), alone, nowhere):
        assert with_sides_swapped(same) == same


def end_of_first(exif: bytes) -> int:
    """Where the first directory says which is the next one."""
    order = {b"II": "little", b"MM": "big"}[bytes(exif[:2])]
    at = int.from_bytes(exif[4:8], order)
    return at + 2 + 12 * int.from_bytes(exif[at : at + 2], order)
