from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.errors import UnreadablePhoto
from photochrom.inference.hints import Hint
from photochrom.photo.decode import read, read_pages
from tests.conftest import scene


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three gray pages of different sizes, resolutions and names."""
    path = tmp_path / "album.tif"
    pages = []
    for number, size in enumerate([(40, 60), (50, 30), (45, 45)], start=1):
        image = Image.fromarray(scene(*size, seed=number)).convert("L")
        image.encoderinfo = {
            "dpi": (100 * number, 100 * number),
            "tiffinfo": {285: f"page {number}"},
        }
        pages.append(image)
    pages[0].save(
        path, save_all=True, append_images=pages[1:], dpi=(100, 100), tiffinfo={285: "page 1"},
        compression="tiff_lzw",
    )  # fmt: skip
    return path


def test_all_pages_are_written(colorizer: Colorizer, album: Path) -> None:
    result = album.with_name("result.tif")
    assert colorizer.save(album, result).frames == 1  # none were left out
    sources, results = list(read_pages(album)), list(read_pages(result))
    assert len(results) == 3
    for source, page in zip(sources, results, strict=True):
        assert np.abs(page.luma.astype(int) - source.luma).max() <= 1
        assert page.was_color or page.tone is not None
        assert page.metadata.dpi == source.metadata.dpi
        assert page.compression == source.compression == "lzw"


def test_bytes_and_pages_are_the_same(colorizer: Colorizer, album: Path) -> None:
    with Image.open(io.BytesIO(colorizer(album.read_bytes()))) as tiff:
        assert tiff.n_frames == 3
        for index, page in enumerate(colorizer.pages(album)):
            tiff.seek(index)
            assert np.array_equal(np.asarray(tiff), page)


def test_other_formats_hold_the_first(colorizer: Colorizer, album: Path) -> None:
    photo = colorizer.save(album, album.with_name("first.png"))
    assert photo.frames == 3
    assert read(album.with_name("first.png")).luma.shape == (40, 60)


def test_a_page_that_was_read_is_written_and_others_are_told_of(
    colorizer: Colorizer, album: Path
) -> None:
    result = album.with_name("first.tif")
    assert colorizer.save(read(album), result, hints=[Hint(5, 5, "red")]).frames == 3
    assert [page.luma.shape for page in read_pages(result)] == [(40, 60)]


def test_options_are_those_of_one_picture(colorizer: Colorizer, album: Path) -> None:
    result = album.with_name("both.tif")
    colorizer.save(album, result, side_by_side=True, provenance=False)
    pages = list(read_pages(result))
    assert [page.luma.shape for page in pages] == [(40, 120), (50, 60), (45, 91)]
    assert all(page.metadata.xmp is None for page in pages)


def test_a_damaged_page_is_named_and_nothing_written(colorizer: Colorizer, album: Path) -> None:
    data = album.read_bytes()
    result = album.with_name("result.tif")
    album.write_bytes(data[:-300])
    with pytest.raises(UnreadablePhoto, match=r"album\.tif.*(page 3|cut short)"):
        colorizer.save(album, result)
    assert not result.exists()


def test_one_page_is_held_at_a_time(colorizer: Colorizer, album: Path) -> None:
    pages = colorizer.pages(album)
    assert next(pages).shape == (40, 60, 3)
    album.unlink()  # the next page has not been touched yet
    with pytest.raises(UnreadablePhoto, match="page 2"):
        next(pages)


def test_alpha_of_pages_and_arrays(colorizer: Colorizer, tmp_path: Path) -> None:
    image = Image.fromarray(scene(30, 40)).convert("LA")
    image.putalpha(Image.linear_gradient("L").resize((40, 30)))
    image.save(tmp_path / "clear.tif")
    (page,) = colorizer.pages(tmp_path / "clear.tif")
    assert page.shape == (30, 40, 4)
    assert np.array_equal(page[..., 3], np.asarray(image)[..., 1])
    assert np.array_equal(colorizer(np.asarray(image)), page)
