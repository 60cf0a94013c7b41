from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import ModelError, UnwritablePhoto, WrongInput
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.folder.plan import Plan
from photochrom.inference.hint_file import HintFile, read_hints
from photochrom.inference.hints import Hint
from photochrom.inference.retoucher import Retoucher, Wishes
from tests.conftest import scene

RED = Hint("50%", "50%", "#c03028", "20%")
BLUE = Hint(10, 10, "#3048c0", "20%")


def save(hinting: Path, source: Path, **wishes: Any) -> bytes:
    """The result of a fresh run over a photograph, which is never touched."""
    before = source.read_bytes()
    result = source.with_name("grandma.color.jpg")
    Retoucher(hinting, wishes=Wishes(**wishes), size=64).save(source, result)
    assert source.read_bytes() == before
    return result.read_bytes()


@pytest.fixture
def sidecar(gray_photo: Path) -> Path:
    return gray_photo.with_name("grandma.jpg.hints.json")


def test_hints_are_kept_and_applied_again(hinting: Path, gray_photo: Path, sidecar: Path) -> None:
    plain = save(hinting, gray_photo)
    assert not sidecar.exists()
    hinted = save(hinting, gray_photo, hints=(RED,))
    assert hinted != plain
    assert read_hints(sidecar) == HintFile((RED,), (90, 120))
    stamp = sidecar.stat().st_mtime_ns
    assert save(hinting, gray_photo) == hinted
    assert sidecar.stat().st_mtime_ns == stamp


def test_more_hints_join_those_kept_and_replace_at_the_same_place(
    hinting: Path, gray_photo: Path, sidecar: Path
) -> None:
    save(hinting, gray_photo, hints=(RED,))
    both = save(hinting, gray_photo, hints=(BLUE,))
    assert read_hints(sidecar).hints == (RED, BLUE)
    assert save(hinting, gray_photo, hints=(RED, BLUE), sidecar=False) == both
    green = Hint(60, 45, "green")
    save(hinting, gray_photo, hints=(green,))
    assert read_hints(sidecar).hints == (BLUE, green)


def test_hints_are_forgotten_or_left_alone(hinting: Path, gray_photo: Path, sidecar: Path) -> None:
    plain = save(hinting, gray_photo)
    save(hinting, gray_photo, hints=(RED,))
    assert save(hinting, gray_photo, sidecar=False) == plain
    assert sidecar.exists()
    save(hinting, gray_photo, hints=(BLUE,), forget=True)
    assert read_hints(sidecar).hints == (BLUE,)
    assert save(hinting, gray_photo, forget=True) == plain
    assert not sidecar.exists()


def test_a_file_of_a_small_copy_fits(hinting: Path, gray_photo: Path, sidecar: Path) -> None:
    small = HintFile((Hint(30, 20, "red", 4),), (45, 60))
    save(hinting, gray_photo, file=small)
    assert read_hints(sidecar).hints == (Hint(60, 40, "red", 8),)


def test_a_sidecar_that_is_wrong_names_itself(
    hinting: Path, gray_photo: Path, sidecar: Path
) -> None:
    entry = {"x": 500, "y": 1, "color": "red"}
    sidecar.write_text(json.dumps({"version": 1, "hints": [entry]}))
    said = r"grandma\.jpg\.hints\.json: hint 1 .* outside .*--no-sidecar.*--forget-hints"
    with pytest.raises(WrongInput, match=said):
        save(hinting, gray_photo)
    assert not gray_photo.with_name("grandma.color.jpg").exists()
    save(hinting, gray_photo, sidecar=False)
    sidecar.write_text("{")
    save(hinting, gray_photo, hints=(RED,), forget=True)
    assert read_hints(sidecar).hints == (RED,)


def test_hints_stay_with_a_smaller_copy(hinting: Path, gray_photo: Path, sidecar: Path) -> None:
    hints = (Hint(60, 45, "red", 22.5), Hint("10%", "10%", "gray"), Hint(61, 46, "blue", 22.5))
    save(hinting, gray_photo, hints=hints)
    with Image.open(gray_photo) as image:
        small = image.resize((31, 23))
    small.save(gray_photo)
    save(hinting, gray_photo)
    assert [hint.color for hint in read_hints(sidecar).hints] == ["gray", "blue"]
    save(hinting, gray_photo, hints=(RED,))


def test_a_hint_outside_writes_nothing(hinting: Path, gray_photo: Path) -> None:
    with pytest.raises(WrongInput, match=r"grandma\.jpg: hint 1 .* outside"):
        save(hinting, gray_photo, hints=(Hint(120, 1, "red"),), alternatives=1)
    assert [path.name for path in gray_photo.parent.iterdir()] == ["grandma.jpg"]


def test_folders_take_kept_hints_and_leave_alternatives_alone(
    hinting: Path, gray_photo: Path
) -> None:
    folder = gray_photo.parent
    Image.open(gray_photo).save(folder / "grandma.png")
    hinted = save(hinting, gray_photo, hints=(RED,))
    (folder / "grandma.color.jpg").unlink()
    retoucher = Retoucher(hinting, wishes=Wishes(alternatives=2), size=64)
    outcomes = list(retoucher.folder(folder))
    assert [o.state for o in outcomes] == ["done", "done"], outcomes
    assert (folder / "grandma.color.jpg").read_bytes() == hinted
    assert (folder / "grandma.color-1.jpg").exists()
    assert Plan([str(folder)]).count() == 2


def test_map_and_alternatives_lie_where_they_should(hinting: Path, gray_photo: Path) -> None:
    where = gray_photo.with_name("map.png")
    save(hinting, gray_photo, hints=(RED,), confidence=where, alternatives=2)
    with Image.open(where) as image:
        assert (image.mode, image.size) == ("L", (120, 90))
        levels = np.asarray(image)
    assert levels[45, 60] > 250 > levels[5, 5]
    results = sorted(gray_photo.parent.glob("grandma.color*"))
    assert len({path.read_bytes() for path in results}) == len(results) == 3


def test_a_smaller_set_takes_the_place_of_a_larger_one(hinting: Path, gray_photo: Path) -> None:
    save(hinting, gray_photo, alternatives=2)
    first, second = (gray_photo.with_name(f"grandma.color-{n}.jpg") for n in (1, 2))
    own = gray_photo.with_name("grandma.color-3.jpg")
    own.write_bytes(gray_photo.read_bytes())
    save(hinting, gray_photo, alternatives=1)
    assert second.exists()
    save(hinting, gray_photo, overwrite=True)
    assert second.exists()
    save(hinting, gray_photo, alternatives=1, overwrite=True)
    assert first.exists()
    assert not second.exists()
    assert own.read_bytes() == gray_photo.read_bytes()


def test_a_photograph_that_is_an_alternative_is_never_removed(
    hinting: Path, gray_photo: Path
) -> None:
    save(hinting, gray_photo, alternatives=2)
    source = gray_photo.with_name("grandma.color-2.jpg")
    before = source.read_bytes()
    wishes = Wishes(alternatives=1, overwrite=True, sidecar=False)
    Retoucher(hinting, wishes=wishes, size=64).save(source, gray_photo.with_name("grandma.jpg"))
    assert source.read_bytes() == before


def test_an_alternative_replaces_no_file_of_others_unless_asked(
    hinting: Path, gray_photo: Path
) -> None:
    own = gray_photo.with_name("grandma.color-1.jpg")
    own.write_bytes(gray_photo.read_bytes())
    with pytest.raises(WrongInput, match=r"grandma\.color-1\.jpg is there, and no result of ours"):
        save(hinting, gray_photo, alternatives=1)
    assert own.read_bytes() == gray_photo.read_bytes()
    save(hinting, gray_photo, alternatives=1, overwrite=True)
    save(hinting, gray_photo, alternatives=1)
    assert own.read_bytes() != gray_photo.read_bytes()


def test_nothing_replaces_the_photograph_or_its_result(hinting: Path, gray_photo: Path) -> None:
    scan = gray_photo.with_name("grandma.png")
    Image.open(gray_photo).save(scan)
    before, result = scan.read_bytes(), scan.with_name("grandma.color.png")
    for wishes, place, said in (
        (Wishes(confidence=scan, overwrite=True), result, r"grandma\.png would be written"),
        (Wishes(confidence=result), result, r"grandma\.color\.png would be written"),
        (Wishes(hints=(RED,)), scan, r"grandma\.png would be written"),
    ):
        with pytest.raises(WrongInput, match=said):
            Retoucher(hinting, wishes=wishes, size=64).save(scan, place)
    assert scan.read_bytes() == before
    assert not result.exists()
    marked = scan.rename(scan.with_name("grandma.color-1.png"))
    with pytest.raises(WrongInput, match="in place of"):
        Retoucher(hinting, wishes=Wishes(alternatives=1)).save(marked, scan)
    assert marked.read_bytes() == before


def test_a_map_replaces_no_file_unless_asked(hinting: Path, gray_photo: Path) -> None:
    other = gray_photo.with_name("other.png")
    other.write_bytes(b"precious")
    with pytest.raises(WrongInput, match=r"other\.png is already there; --overwrite"):
        Retoucher(hinting, wishes=Wishes(confidence=other))
    assert other.read_bytes() == b"precious"
    save(hinting, gray_photo, confidence=other, overwrite=True)
    with Image.open(other) as image:
        assert image.size == (120, 90)


def test_alternatives_in_another_folder_are_marked_as_ours(hinting: Path, gray_photo: Path) -> None:
    out = gray_photo.parent / "out"
    out.mkdir()
    neighbor = out / "grandma-1.jpg"
    neighbor.write_bytes(b"precious")
    Retoucher(hinting, wishes=Wishes(alternatives=1), size=64).save(gray_photo, out / "grandma.jpg")
    assert neighbor.read_bytes() == b"precious"
    assert (out / "grandma.color-1.jpg").is_file()


def test_what_the_model_cannot_give_is_refused_before_anything_is_read(
    small_models: dict[str, Path], hinting: Path
) -> None:
    for wishes, settings, error, said in (
        (Wishes(hints=(RED,)), {}, WrongInput, "bins takes no hints"),
        (Wishes(alternatives=2), {}, WrongInput, "bins takes none"),
        (Wishes(confidence=Path("m.jpg")), {}, WrongInput, "PNG"),
    ):
        with pytest.raises(error, match=said):
            Retoucher(small_models["bins"], wishes=wishes, **settings)
    with pytest.raises(ModelError, match="how probable"):
        Retoucher(small_models["fine"], wishes=Wishes(confidence=Path("m.png")))


def test_kept_hints_and_a_model_that_takes_none(
    small_models: dict[str, Path], hinting: Path, gray_photo: Path
) -> None:
    save(hinting, gray_photo, hints=(RED,))
    result = gray_photo.with_name("x.jpg")
    with pytest.raises(WrongInput, match=r"hints\.json: the model bins takes no hints"):
        Retoucher(small_models["bins"], wishes=Wishes()).save(gray_photo, result)
    Retoucher(small_models["bins"], wishes=Wishes(sidecar=False)).save(gray_photo, result)


def test_without_wishes_it_is_a_colorizer(hinting: Path, gray_photo: Path) -> None:
    result = gray_photo.with_name("plain.jpg")
    Colorizer(hinting, size=64).save(gray_photo, result)
    assert save(hinting, gray_photo) == result.read_bytes()


def test_results_made_aside_are_told_by_their_final_place(
    hinting: Path, gray_photo: Path, sidecar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, replace = list[Path](), Path.replace
    monkeypatch.setattr(Path, "replace", lambda a, b: moved.append(a) or replace(a, b))
    aside = gray_photo.parent / "aside"
    aside.mkdir()
    final = gray_photo.with_name("grandma.color.jpg")
    retoucher = Retoucher(hinting, wishes=Wishes(hints=(RED,), alternatives=1), size=64)
    retoucher.save(gray_photo, aside / "x.jpg", final=final)
    assert [path.name for path in aside.iterdir()] == ["x.jpg"]
    assert read_hints(sidecar).hints == (RED,)
    assert final.with_name("grandma.color-1.jpg").exists()
    # Nowhere else can a run that is killed leave something half written.
    assert {path.parent for path in moved} == {aside}


@pytest.mark.skipif(sys.platform == "win32", reason="counts names as POSIX systems do")
def test_a_name_that_leaves_no_room_for_what_lies_beside_it(
    hinting: Path, gray_photo: Path
) -> None:
    long = gray_photo.rename(gray_photo.with_name("x" * 245 + ".jpg"))
    out, aside = (gray_photo.parent / name for name in ("out", "aside"))
    for folder in (out, aside):
        folder.mkdir()
    for wishes in (Wishes(), Wishes(forget=True), Wishes(hints=(RED,), sidecar=False)):
        Retoucher(hinting, wishes=wishes, size=64).save(long, out / long.name)
        (out / long.name).unlink()
    staged = {"destination": aside / "x.jpg", "final": out / long.name}
    for wishes, said in (
        (Wishes(hints=(RED,)), r"/out/x+\.jpg\.hints\.json cannot .* name too long \(--no-sidecar"),
        (Wishes(alternatives=1, sidecar=False), r"/out/x+\.color-1\.jpg cannot .* name too long"),
    ):
        for places in (staged, {"destination": out / long.name}):
            with pytest.raises(UnwritablePhoto, match=said):
                Retoucher(hinting, wishes=wishes, size=64).save(long, **places)
            assert [*out.iterdir(), *aside.iterdir()] == []


def test_other_hints_are_other_settings(hinting: Path) -> None:
    texts = {
        Retoucher(hinting, wishes=wishes).settings.steering
        for wishes in (
            Wishes(),
            Wishes(hints=(RED,)),
            Wishes(hints=(BLUE,)),
            Wishes(file=HintFile((RED,))),
            Wishes(sidecar=False),
        )
    }
    assert len(texts) == 5


def test_files_of_several_pages_take_no_hints(hinting: Path, tmp_path: Path) -> None:
    pages = [Image.fromarray(scene(40, 48, seed=seed)).convert("L") for seed in range(2)]
    path = tmp_path / "album.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    result = tmp_path / "album.color.tif"
    with pytest.raises(WrongInput, match=r"album\.tif: hints.* one page; it has 2"):
        Retoucher(hinting, wishes=Wishes(hints=(RED,))).save(path, result)
    assert not result.exists()
    Retoucher(hinting, wishes=Wishes(), palette="navy").save(path, result)
    with Image.open(result) as image:
        assert image.n_frames == 2
