"""Colorizers in other processes, and paths and pictures of every kind that Python has."""

from __future__ import annotations

import copy
import io
import os
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer, colorize, load_model
from photochrom.errors import UnreadablePhoto, WrongInput
from photochrom.inference.reference import read_reference
from photochrom.inference.retoucher import Retoucher, Wishes
from photochrom.photo.decode import read, read_pages, size_of
from tests.conftest import scene

GRAY = np.asarray(Image.fromarray(scene(48, 64)).convert("L"))


class Named:
    """A path of somebody else's making."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


class NamedInBytes(Named):
    def __fspath__(self) -> bytes:  # type: ignore[override]
        return bytes(self.path)


def entry(path: Path) -> Any:
    with os.scandir(path.parent) as entries:
        return next(one for one in entries if one.name == path.name)


def entry_in_bytes(path: Path) -> Any:
    with os.scandir(bytes(path.parent)) as entries:
        return next(one for one in entries if one.name == bytes(path)[-len(one.name) :])


WAYS = [Named, NamedInBytes, entry, entry_in_bytes, PurePosixPath]


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@pytest.mark.parametrize("way", WAYS)
def test_every_path_is_a_path(way: Any, colorizer: Colorizer, gray_photo: Path) -> None:
    given, result = way(gray_photo), gray_photo.with_name("grandma.color.jpg")
    for call in (colorizer, lambda photo: colorize(photo, threads=1)):
        made = call(given)
        assert made == result
        assert isinstance(made, Path)
    assert colorizer.save(given, way(result)).height == 90
    assert [page.shape for page in colorizer.pages(given)] == [(90, 120, 3)]
    assert read(given).width == 120
    colorizer.write(read(given), way(result), format="JPEG")
    assert size_of(given) == (90, 120)
    assert len(list(read_pages(given))) == 1
    for inputs in (given, [given]):
        out = Named(gray_photo.parent / "out")
        assert {o.state for o in colorizer.folder(inputs, output=out)} <= {"done", "skipped"}
    assert (gray_photo.parent / "out" / "grandma.jpg").is_file()
    with pytest.raises(UnreadablePhoto, match=r"nothing\.jpg cannot be read: there is no such"):
        colorizer(Named(gray_photo.with_name("nothing.jpg")))


@pytest.mark.parametrize("way", WAYS)
def test_models_references_palettes_and_hinted_photographs(
    way: Any, hinting: Path, tmp_path: Path
) -> None:
    Image.fromarray(scene(40, 50)).save(tmp_path / "r.png")
    (tmp_path / "p.json").write_text('{"version": 1, "colors": ["red", "blue"]}')
    assert load_model(way(hinting)).card.name == load_model(hinting).card.name
    told = Colorizer(way(hinting), reference=way(tmp_path / "r.png"))
    assert str(told.steering).startswith("reference=r.png ")
    assert read_reference(way(tmp_path / "r.png"))[1] == read_reference(tmp_path / "r.png")[1]
    assert Colorizer(hinting, palette=way(tmp_path / "p.json")).steering is not None
    photo = tmp_path / "g.png"
    Image.fromarray(GRAY).save(photo)
    (tmp_path / "g.png.hints.json").write_text(
        '{"version": 1, "hints": [{"x": 9, "y": 9, "color": "red"}]}'
    )
    retoucher = Retoucher(hinting, wishes=Wishes())
    retoucher.save(way(photo), Named(tmp_path / "g.color.png"))
    assert b"hints=1" in (tmp_path / "g.color.png").read_bytes()


def closed_after_opening(path: Path) -> Image.Image:
    with Image.open(path) as image:
        pass
    return image


def closed(path: Path) -> Image.Image:
    image = Image.open(path)
    image.close()
    return image


def closed_when_loaded(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        image = opened.convert("L")
    image.close()
    return image


def closed_below(path: Path) -> Image.Image:
    stream = io.BytesIO(path.read_bytes())
    image = Image.open(stream)
    stream.close()
    return image


@pytest.mark.parametrize("format", ["png", "jpg", "tif", "gif"])
@pytest.mark.parametrize("way", [closed_after_opening, closed, closed_when_loaded, closed_below])
def test_a_closed_picture_says_so(
    way: Any, format: str, colorizer: Colorizer, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{format}"
    Image.fromarray(GRAY).save(path)
    with pytest.raises(UnreadablePhoto) as error:
        colorizer(way(path))
    said = "the given picture cannot be read: it was closed before its pixels were read"
    assert str(error.value) == f"{said}; color it while it is open"


def _colored(colorizer: Colorizer) -> np.ndarray:
    return colorizer(GRAY)


def test_a_spawned_pool_colors_alike(hinting: Path) -> None:
    colorizers = [
        Colorizer(vividness=0.9, strength=0.7, threads=1),
        Colorizer(hinting, palette="red,blue", threads=1),
    ]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for here, there in zip(colorizers, pool.map(_colored, colorizers), strict=True):
            assert np.array_equal(here(GRAY), there)


@pytest.mark.parametrize(
    "settings",
    [{}, {"vividness": 0.2, "size": 96}, {"reference": scene(40, 50)}, {"keep_tint": True},
     {"rebalance": 0.3, "temperature": 0.5, "upsampling": "guided"}],
)  # fmt: skip
def test_what_is_pickled_is_what_it_was_made_of(settings: dict[str, Any]) -> None:
    colorizer = Colorizer(threads=1, **settings)
    data = pickle.dumps(colorizer)
    assert len(data) < 400_000
    again = pickle.loads(data)
    assert repr(again) == repr(colorizer)
    assert again.session is not colorizer.session
    assert np.array_equal(again(GRAY), colorizer(GRAY))
    assert copy.copy(colorizer).session is colorizer.session


def test_a_retoucher_is_pickled_with_its_wishes() -> None:
    retoucher = Retoucher("photochrom", wishes=Wishes(sidecar=False), threads=1)
    assert pickle.loads(pickle.dumps(retoucher)).wishes == retoucher.wishes


@pytest.mark.parametrize(
    ("settings", "said"),
    [({}, "Colorizer('photochrom')"),
     ({"vividness": 0.9, "threads": 1}, "Colorizer('photochrom', vividness=0.9, threads=1)"),
     ({"strength": 1.0, "upsampling": "guided"}, "Colorizer('photochrom', upsampling='guided')"),
     ({"palette": "red"}, "Colorizer('photochrom', steering='palette=red influence=0.7')")],
)  # fmt: skip
def test_its_text_says_what_it_was_made_of(settings: dict[str, Any], said: str) -> None:
    assert repr(Colorizer(**settings)) == said


@pytest.mark.parametrize("name", ["a\0.jpg", "a\ud800.jpg"])
def test_what_no_disk_can_hold_is_told_in_a_line(
    colorizer: Colorizer, gray_photo: Path, name: str
) -> None:
    for call in (lambda: colorizer(name), lambda: colorizer.save(gray_photo, name)):
        with pytest.raises(WrongInput, match="no file's name"):
            call()
