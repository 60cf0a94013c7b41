"""Results are told from photographs by records and provenance, not by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from photochrom.errors import WrongInput
from photochrom.inference.folder.jobs import Outcome
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.results import Ledger
from tests.inference.folder.conftest import Color, draw, save_result, states


def sources(*inputs: Path, output: Path | None = None) -> list[str]:
    return [job.source.name for job in Plan([str(i) for i in inputs], output=output)]


def made(outcomes: list[Outcome]) -> dict[str, str]:
    return {o.job.source.name: o.job.destination.name for o in outcomes if o.state != "failed"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "al"
    place.mkdir()
    draw(place / "a.tif", seed=1)
    return place


def test_own_files_of_such_names_are_photographs(folder: Path, color: Color) -> None:
    draw(folder / "portrait.color.jpg", seed=2)
    save_result(folder / "other.color-1.jpg")
    assert sources(folder) == ["a.tif", "portrait.color.jpg"]
    assert states(color(Plan([str(folder)]))) == ["done", "done"]
    assert states(color(Plan([str(folder)]))) == ["skipped", "skipped"]


@pytest.mark.parametrize("keeps_original", [True, False])
def test_results_without_provenance_are_results(
    folder: Path, color: Color, keeps_original: bool
) -> None:
    assert states(color(Plan([str(folder)]), provenance=False)) == ["done"]
    if keeps_original:
        # Without its record the picture beside it tells.
        (folder / ".photochrom" / "run.jsonl").unlink()
        assert sources(folder) == ["a.tif"]
    else:
        (folder / "a.tif").unlink()
        (job,) = Plan([str(folder)])
        assert job.problem.endswith("al but 1 that are results already")


def test_results_below_a_folder_are_no_originals(folder: Path, color: Color) -> None:
    plan = Plan([str(folder)], output=folder / "sub")
    color(plan, provenance=False)
    assert sources(folder) == sources(folder / "**") == ["a.tif"]
    # What somebody puts there is.
    draw(folder / "sub" / "b.png", seed=3)
    (folder / "sub" / "a.tif").write_bytes((folder / "a.tif").read_bytes())
    assert sources(folder) == ["a.tif", "a.tif", "b.png"]


def test_originals_beside_their_record_are_found(folder: Path, color: Color) -> None:
    draw(folder / "b.png", seed=2)
    color(Plan([str(folder)]))
    assert sources(folder) == ["a.tif", "b.png"]
    # The names of results there need not have a mark.
    color(Plan([str(folder)], output=folder, format="JPEG"))
    assert (folder / "a.jpg").is_file()
    assert sources(folder, output=folder) == ["a.tif", "b.png"]


def listed(folder: Path) -> list[str]:
    """What a shell makes of ``folder/*``."""
    return sorted(str(path) for path in folder.iterdir() if not path.name.startswith("."))


def test_results_named_with_their_photographs_are_results(folder: Path, color: Color) -> None:
    draw(folder / "a.png", seed=2)
    save_result(folder / "a.color-1.jpg")
    for expected in ("done", "skipped"):
        plan = Plan(listed(folder), format="PNG")
        assert plan.count() == 2
        outcomes = color(plan)
        assert made(outcomes) == {"a.png": "a.color.png", "a.tif": "a.tif.color.png"}
        assert states(outcomes) == [expected] * 2


def test_results_named_without_their_photographs_are_meant(folder: Path) -> None:
    save_result(folder / "b.color.jpg")
    save_result(folder / "b.color.color.jpg")
    (folder / "b").mkdir()
    draw(folder / "b" / "b.jpg", seed=2)
    names = ["a.tif", "b.color.color.jpg", "b.color.jpg", "b/b.jpg", "b"]
    found = [job.source for job in Plan([str(folder / name) for name in names])]
    # A result of a result is one that was named, too.
    assert found == [folder / name for name in ("a.tif", "b.color.jpg", "b/b.jpg")]


def test_named_results_are_told_by_records(folder: Path, color: Color) -> None:
    """They have no mark where another format gives them another name."""
    for expected in ("done", "skipped"):
        plan = Plan(listed(folder), output=folder, format="JPEG")
        assert plan.count() == 1
        outcomes = color(plan, provenance=False)
        assert made(outcomes) == {"a.tif": "a.jpg"}
        assert states(outcomes) == [expected]


def test_a_result_stays_that_of_its_photograph(folder: Path, color: Color, tmp_path: Path) -> None:
    plan = Plan([str(folder)], output=tmp_path / "out", format="PNG")
    assert made(color(plan)) == {"a.tif": "a.png"}
    draw(folder / "a.jpg", seed=2)
    for expected in ("done", "skipped"):
        outcomes = color(plan)
        assert made(outcomes) == {"a.jpg": "a.jpg.color.png", "a.tif": "a.png"}
        assert states(outcomes) == [expected, "skipped"]
    # Each keeps its own when the other goes.
    (folder / "a.tif").unlink()
    outcomes = color(plan)
    assert made(outcomes) == {"a.jpg": "a.jpg.color.png"}
    assert states(outcomes) == ["skipped"]


def test_names_are_kept_where_folders_join(color: Color, tmp_path: Path) -> None:
    for name in "01":
        (tmp_path / name).mkdir()
        draw(tmp_path / name / "a.png", seed=int(name))
    out = tmp_path / "out"
    color(Plan([str(tmp_path / "1")], output=out))
    both = Plan([str(tmp_path / "0"), str(tmp_path / "1")], output=out)
    outcomes = color(both)
    assert [o.job.destination.name for o in outcomes] == ["a.png.color.png", "a.png"]
    assert states(outcomes) == ["done", "skipped"]
    assert states(color(Plan([str(tmp_path / "0")], output=out))) == ["skipped"]


def test_a_ledger_reads_on(folder: Path, color: Color) -> None:
    ledger = Ledger(folder)
    ledger.refresh()
    assert not ledger
    color(Plan([str(folder)]))
    ledger.refresh()
    assert getattr(ledger.made("a.color.tif"), "source", "") == "a.tif"
    draw(folder / "b.png", seed=2)
    color(Plan([str(folder)]))
    with (folder / ".photochrom" / "run.jsonl").open("ab") as file:
        file.write(b'{"output": "torn')
    ledger.refresh()
    assert getattr(ledger.made("b.color.png"), "source", "") == "b.png"
    (folder / ".photochrom" / "run.jsonl").write_bytes(b"")
    ledger.refresh()
    assert ledger.made("b.color.png") is None


@pytest.mark.parametrize("name", ["a.jp2", "B.DNG", "c.psd"])
def test_kinds_that_are_not_read_are_told(folder: Path, color: Color, name: str) -> None:
    for other in (name, "notes.txt", "film.mp4", "a.xmp", ".hidden.heic"):
        (folder / other).write_bytes(b"x")
    plan = Plan([str(folder)])
    assert plan.count() == 1
    outcomes = color(plan)
    assert {o.job.source.name: o.state for o in outcomes} == {"a.tif": "done", name: "left out"}
    (folder / "a.tif").unlink()
    (folder / "a.color.tif").unlink()
    problem = next(job.problem for job in plan if job.problem)
    assert "no pictures in the folder" in problem
    assert "1 of kinds that are not read" in problem
    # It is not in the way of one result for one picture.
    draw(folder / "z.jpg", seed=1)
    assert Plan([str(folder)], output=folder / "one.png").count() == 1
    (folder / "z.jpg").rename(folder / "z.jfif")
    assert "z.jfif" in sources(folder)
    draw(folder / "y.jpg", seed=1)
    with pytest.raises(WrongInput, match="2 pictures"):
        Plan([str(folder)], output=folder / "one.png")
