"""A PDF in a run: each page a photograph with a result and a record of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photochrom import Colorizer
from photochrom.cli.outcomes import as_dict
from photochrom.errors import WrongInput
from photochrom.inference.folder.decision import Rules
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.preview import Preview
from photochrom.inference.hints import Hint
from photochrom.photo.decode import read, read_pages
from tests.conftest import scene
from tests.inference.folder.conftest import Color, draw, lines, states
from tests.pdf import album as pdf_of


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    return [np.asarray(scene(20, 24 + 2 * n, seed=n)).mean(2).astype(np.uint8) for n in range(2)]


@pytest.fixture
def scans(tmp_path: Path, pictures: list[np.ndarray]) -> Path:
    """A folder with a PDF of two pages, and a photograph that has the name of one's result."""
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "album.pdf").write_bytes(pdf_of(pictures))
    draw(folder / "album-1.jpg", seed=5)
    return folder


def names(plan: Plan) -> list[tuple[str, int]]:
    return [(job.destination.name, job.page) for job in plan]


def test_each_page_has_a_name_and_a_record(
    scans: Path, tmp_path: Path, color: Color, pictures: list[np.ndarray]
) -> None:
    out = tmp_path / "out"
    plan = Plan([str(scans)], output=out)
    outcomes = color(plan)
    assert states(outcomes) == ["done"] * 3
    assert plan.count() == 3
    assert names(plan) == [("album-1.jpg", 0), ("album-1.pdf.color.jpg", 1), ("album-2.jpg", 2)]
    for outcome in outcomes[1:]:
        wanted = pictures[outcome.job.page - 1]
        assert outcome.frames == 1
        assert np.abs(read(outcome.job.destination).luma.astype(int) - wanted).max() <= 3
    done = [line for line in lines(out) if line.get("state") == "done"]
    assert [line["input"] for line in done[1:]] == ["../scans/album.pdf"] * 2
    assert (
        states(color(plan)) == states(color(plan, rules=Rules(overwrite=True))) == ["skipped"] * 3
    )
    (out / "album-2.jpg").unlink()
    assert states(color(plan)) == ["skipped", "skipped", "done"]


def test_results_beside_the_file_are_no_photographs(scans: Path, color: Color) -> None:
    outcomes = color(Plan([str(scans)]))
    assert states(outcomes) == ["done"] * 3
    assert [as_dict(outcome).get("page") for outcome in outcomes] == [None, 1, 2]
    again = Plan([str(scans)])
    assert again.count() == 3
    assert states(color(again)) == ["skipped"] * 3
    assert not (scans / "album.color.jpg").exists()


def test_a_tiff_holds_all_pages(scans: Path, color: Color) -> None:
    (scans / "album-1.jpg").unlink()
    for plan in (Plan([str(scans)], format="TIFF"), Plan([str(scans)], output=scans / "one.tif")):
        (outcome,) = color(plan)
        assert (outcome.state, outcome.frames, outcome.job.page) == ("done", 1, 0)
        assert [p.luma.shape for p in read_pages(outcome.job.destination)] == [(20, 24), (20, 26)]
    with pytest.raises(WrongInput, match=r"one file, but there are 2 pictures; .* a \.tif"):
        Plan([str(scans / "album.pdf")], output=scans / "one.jpg")


def test_a_dry_run_tells_the_pages(scans: Path, colorizer: Colorizer) -> None:
    preview = Preview(Plan([str(scans)]), colorizer)
    outcomes = list(preview.outcomes())
    assert [(o.state, o.job.page) for o in outcomes] == [
        ("planned", 0),
        ("planned", 1),
        ("planned", 2),
    ]
    assert preview.estimate().pictures == 3
    assert len(list(scans.iterdir())) == 2


def test_a_damaged_file_is_one_failure(scans: Path, color: Color) -> None:
    (scans / "album.pdf").write_bytes(b"%PDF-1.7 nothing")
    outcomes = color(Plan([str(scans)]))
    assert states(outcomes) == ["done", "failed"]
    assert outcomes[1].reason.endswith("album.pdf cannot be read: it is damaged")


def test_from_python(scans: Path, colorizer: Colorizer, pictures: list[np.ndarray]) -> None:
    path = scans / "album.pdf"
    assert colorizer(path) == scans / "album.color.tif"
    assert len(list(read_pages(scans / "album.color.tif"))) == 2
    assert len(list(read_pages(colorizer(path.read_bytes())))) == 2
    assert [page.shape for page in colorizer.pages(path)] == [(20, 24, 3), (20, 26, 3)]
    with pytest.raises(WrongInput, match="photographs of one page"):
        colorizer.save(path, scans / "x.tif", hints=[Hint(3, 3, "red")])
    path.write_bytes(pdf_of(pictures[:1]))
    assert colorizer(str(path)) == str(scans / "album.color.jpg")
    assert colorizer(path.read_bytes())[:3] == b"\xff\xd8\xff"


def test_names_are_in_order(tmp_path: Path, pictures: list[np.ndarray]) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf_of(pictures[:1] * 10))
    found = [job.destination.name for job in Plan([str(tmp_path)])]
    assert found == sorted(found)
    assert (found[0], found[-1], len(found)) == ("a-01.color.jpg", "a-10.color.jpg", 10)
