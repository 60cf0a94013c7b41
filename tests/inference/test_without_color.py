"""Results without color are known as such: of scans without grays, of blanks, at no strength."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.photo.decode import read, read_pages
from tests.conftest import scene


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


def bilevel(path: Path) -> Path:
    """A dithered scan in the kind of file that the name says."""
    image = Image.fromarray(scene(64, 80)).convert("1")
    name, options = path.name, {}
    if "g3" in name or "g4" in name:
        options = {"compression": "group3" if "g3" in name else "group4"}
    if "pages" in name:
        options |= {"save_all": True, "append_images": [image, image]}
    if "gray" in name:
        image = image.convert("L")
    if "palette" in name:
        image = image.convert("P")
    if "inverted" in name:
        options["tiffinfo"] = {262: 0}
    image.save(path, **options)
    return path


@pytest.mark.parametrize(
    "name",
    ["one.png", "gray.png", "palette.png", "g3.tif", "g4.tif", "g4-pages.tif", "inverted.tif",
     "one.pbm", "one.gif", "one.bmp", "gray.tif"],
)  # fmt: skip
def test_a_scan_of_black_and_white_alone(colorizer: Colorizer, tmp_path: Path, name: str) -> None:
    source = bilevel(tmp_path / name)
    (outcome,) = colorizer.folder(source)
    assert (outcome.state, outcome.bilevel, outcome.came_out_gray) == ("done", True, True)
    for page in read_pages(outcome.job.destination):
        assert set(np.unique(page.luma)) <= {0, 255}
        assert not page.was_color


def test_a_dither_that_went_through_a_jpeg(colorizer: Colorizer, tmp_path: Path) -> None:
    bilevel(tmp_path / "gray.jpg")
    (outcome,) = colorizer.folder(tmp_path / "gray.jpg")
    assert outcome.bilevel


def test_a_photograph_has_color_and_a_blank_has_none(colorizer: Colorizer, tmp_path: Path) -> None:
    Image.fromarray(scene(64, 80)).convert("L").save(tmp_path / "photo.png")
    Image.new("L", (80, 64), 255).save(tmp_path / "blank.png")
    found = {outcome.job.source.name: outcome for outcome in colorizer.folder(tmp_path)}
    photo, blank = found["photo.png"], found["blank.png"]
    assert (photo.bilevel, photo.came_out_gray) == (False, False)
    assert read(photo.job.destination).was_color
    assert (blank.bilevel, blank.came_out_gray) == (False, True)


def test_at_no_strength_nothing_is_colored(tmp_path: Path) -> None:
    Image.fromarray(scene(64, 80)).convert("L").save(tmp_path / "photo.png")
    for strength in (0.0, 1.0):
        colorizer = Colorizer(strength=strength, threads=1)
        saved = colorizer.save(tmp_path / "photo.png", tmp_path / f"{strength}.png")
        assert saved.came_out_gray == (strength == 0)
        assert read(tmp_path / f"{strength}.png").was_color == (strength != 0)


def test_a_page_in_color_is_enough(colorizer: Colorizer, tmp_path: Path) -> None:
    pages = [Image.new("L", (80, 64), 0), Image.fromarray(scene(64, 80)).convert("L")]
    pages[0].save(tmp_path / "album.tif", save_all=True, append_images=pages[1:])
    assert not colorizer.save(tmp_path / "album.tif", tmp_path / "out.tif").came_out_gray
