"""PDF: a page that is a picture has its very pixels, upright; whatever hostile files do ends."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from photochrom.errors import PhotoTooLarge, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import pdf
from photochrom.photo.decode import page_count, read, read_pages, size_of
from photochrom.photo.pixels import luma_of
from tests.pdf import PAGE, PLACED, album, document, one_page, picture, stream


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (97, 61, 3), dtype=np.uint8)


INVISIBLE = PLACED + b" BT /F 12 Tf 3 Tr 40 50 Td (grandma) Tj ET"


@pytest.mark.parametrize(
    ("content", "page", "turns"),
    [
        (b"q 307.2 0 0 230.4 0 0 cm /X Do Q", b"/MediaBox[0 0 307.2 230.4]", 0),
        (PLACED, PAGE, 0),
        (INVISIBLE, PAGE, 0),
        (PLACED, PAGE + b"/Rotate 90", 3),
        (PLACED, PAGE + b"/Rotate 180", 2),
        (b"q 0 307.2 -230.4 0 333.37 41.11 cm /X Do Q", PAGE, 1),
        (b"q 0 307.2 -230.4 0 333.37 41.11 cm /X Do Q", PAGE + b"/Rotate 270", 2),
    ],
)
def test_a_single_picture_has_its_own_pixels(
    rgb: np.ndarray, content: bytes, page: bytes, turns: int
) -> None:
    photo = read(one_page(picture(rgb), content, page))
    assert np.array_equal(photo.luma, np.rot90(luma_of(rgb), turns))
    assert (photo.format, photo.frames, photo.was_color) == ("PDF", 1, True)
    dpi = 61 / 307.2 * 72, 97 / 230.4 * 72
    assert photo.metadata.dpi == pytest.approx(dpi[::-1] if turns % 2 else dpi, rel=1e-3)


def test_what_a_picture_states_is_heeded() -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(read(one_page(picture(gray))).luma, gray)
    inverted = read(one_page(picture(gray, b"/Decode[1 0]")))
    assert np.array_equal(inverted.luma, 255 - gray)
    mask = picture(np.full((16, 16), 128, np.uint8))
    over_white = read(one_page(picture(gray, b"/SMask 6 0 R"), PLACED, PAGE, mask))
    assert np.abs(over_white.luma.astype(int) - (gray / 2 + 127)).max() <= 2


def test_crops_hide_what_they_hide(rgb: np.ndarray) -> None:
    page = PAGE + b"/CropBox[33.37 41.11 186.97 271.51]"  # the left half
    photo = read(one_page(picture(rgb), PLACED, page))
    assert photo.luma.shape in ((97, 30), (97, 31))


@pytest.mark.parametrize(
    "content", [PLACED + b" 0 0 50 50 re f", b"0.5 g 0 0 200 200 re f", PLACED * 2]
)
def test_other_pages_are_drawn_at_300_dots_an_inch(rgb: np.ndarray, content: bytes) -> None:
    photo = read(one_page(picture(rgb), content))
    assert photo.luma.shape == (round(842 / 72 * 300), round(595 / 72 * 300))
    assert photo.metadata.dpi == (300, 300)
    assert photo.luma[0, -1] == 255


def test_pages_one_after_the_other(rgb: np.ndarray, tmp_path: Path) -> None:
    pictures = [rgb, rgb[:40, ::-1]]
    path = tmp_path / "album.pdf"
    path.write_bytes(album(pictures, dpi=200))
    assert page_count(path) == page_count(path.read_bytes()) == 2
    for photo, samples in zip(read_pages(path), pictures, strict=True):
        assert photo.frames == 2
        assert np.array_equal(photo.luma, luma_of(samples))
    assert np.array_equal(read(path, page=1).luma, luma_of(pictures[1]))
    assert size_of(path, 1) == (40, 61)
    with pytest.raises(UnreadablePhoto, match=r"page 3, cannot be read: it has fewer pages"):
        read(path, page=2)


LOCKED = (
    b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + b"ab" * 32 + b">/U<"
    + b"cd" * 32 + b">>>"
)  # fmt: skip
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (document([CATALOG, b"<</Type/Pages/Kids[]/Count 0>>"], LOCKED), UnsupportedPhoto,
         "needs a password"),
        (document([CATALOG, b"<</Type/Pages/Kids[]/Count 0>>"]), UnreadablePhoto, "it "),
        (document([CATALOG, b"<</Type/Pages/Kids[]/Count 99999999>>"]), UnreadablePhoto, "it "),
        (document([CATALOG]), UnreadablePhoto, "it "),
        (b"%PDF-1.4 and nothing else", UnreadablePhoto, "it is damaged"),
        (one_page(stream(b""), b"0 g 0 0 9 9 re f", b"/MediaBox[0 0 14400 14400]"), PhotoTooLarge,
         "60000 x 60000"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line(data: bytes, kind: type, reason: str) -> None:
    with pytest.raises(kind, match=reason) as error:
        read(data)
    assert "\n" not in str(error.value)


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    claim = picture(np.zeros((3, 3), np.uint8)).replace(
        b"/Width 3/Height 3", b"/Width 60000/Height 60000"
    )
    for content in (PLACED, PLACED + b" 0 0 9 9 re f"):
        with pytest.raises(PhotoTooLarge, match="60000 x 60000"):
            read(one_page(claim, content))


def test_cut_short_at_any_place(rgb: np.ndarray) -> None:
    data = one_page(picture(rgb))
    for length in (200, len(data) // 2):
        with pytest.raises(UnreadablePhoto, match="it is damaged"):
            read(data[:length])


def test_a_page_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each form draws the next one ten times: two kilobytes that would take hours."""
    fan = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>/Length 50>>"
    )
    forms = [fan % (6 + n) + b"stream\n" + b"/X Do" * 10 + b"\nendstream" for n in range(12)]
    monkeypatch.setattr(pdf, "MOST_SECONDS", 1.0)
    started = time.monotonic()
    with pytest.raises(UnreadablePhoto, match="took more than 1 second"):
        read(one_page(forms[0].replace(b"/X Do/X Do", b"/X Do /X Do"), b"/X Do", PAGE, *forms[1:]))
    assert time.monotonic() - started < 20
