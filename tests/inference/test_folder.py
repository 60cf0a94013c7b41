from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.errors import WrongInput
from photochrom.inference.folder import Job, plan, run
from tests.conftest import scene


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    (folder / "1920").mkdir(parents=True)
    for name in ("a.jpg", "a.png", "1920/b.bmp", "1920/.hidden.jpg", "c.color.jpg"):
        Image.fromarray(scene(20, 24)).convert("L").save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    return folder


def names(jobs: list[Job], root: Path) -> list[tuple[str, str]]:
    return [(str(j.source.relative_to(root)), str(j.destination.relative_to(root))) for j in jobs]


def test_results_lie_beside_their_sources(album: Path) -> None:
    assert names(plan([str(album)]), album) == [
        ("1920/b.bmp", "1920/b.color.png"),
        ("a.jpg", "a.color.jpg"),
        ("a.png", "a.color.png"),
    ]


def test_output_folder_keeps_names_and_sub_folders(album: Path) -> None:
    jobs = plan([str(album)], output=album.parent / "out")
    assert [n[1] for n in names(jobs, album.parent)] == ["out/1920/b.png", "out/a.jpg", "out/a.png"]


def test_equal_results_are_told_apart(album: Path) -> None:
    jobs = plan([str(album)], format="PNG")
    assert [n[1] for n in names(jobs, album)] == [
        "1920/b.color.png",
        "a.color.png",
        "a.png.color.png",
    ]


def test_output_folder_that_is_the_source_never_replaces(album: Path) -> None:
    for job in plan([str(album)], output=album):
        assert job.destination != job.source
        assert not job.destination.exists()


def test_globs_and_files(album: Path) -> None:
    assert len(plan([str(album / "*.png"), str(album / "a.jpg")])) == 2


def test_same_file_twice_is_one_job(album: Path) -> None:
    assert len(plan([str(album / "a.jpg"), str(album / "a.jpg")])) == 1


def test_missing_inputs_do_not_stop_the_rest(album: Path) -> None:
    (album / "empty").mkdir()
    texts = [str(album / name) for name in ("nowhere.jpg", "*.nothing", "empty", "a.jpg")]
    outcomes = list(run(plan(texts), Colorizer(threads=1)))
    assert [o.state for o in outcomes] == ["failed", "failed", "failed", "done"]
    assert "no such file" in outcomes[0].reason
    assert "*.nothing" in outcomes[1].reason
    assert "no pictures in the folder" in outcomes[2].reason


def test_one_file_for_many_pictures(album: Path) -> None:
    with pytest.raises(WrongInput, match="one file"):
        plan([str(album)], output=album / "x.jpg")


@pytest.mark.parametrize("workers", [1, 3])
def test_a_bad_file_does_not_stop_the_rest(album: Path, workers: int) -> None:
    (album / "aa.jpg").write_text("no picture")
    outcomes = list(run(plan([str(album)]), Colorizer(threads=1), workers=workers))
    assert sorted(o.state for o in outcomes) == ["done", "done", "done", "failed"]
    assert [o.job.source.name for o in outcomes if o.state == "failed"] == ["aa.jpg"]
    assert not (album / "aa.color.jpg").exists()


def test_what_is_done_is_skipped_unless_overwritten(album: Path) -> None:
    jobs, colorizer = plan([str(album / "a.jpg")]), Colorizer(threads=1)
    assert [o.state for o in run(jobs, colorizer)] == ["done"]
    jobs[0].destination.write_bytes(b"kept")
    assert [o.state for o in run(jobs, colorizer)] == ["skipped"]
    assert jobs[0].destination.read_bytes() == b"kept"
    assert [o.state for o in run(jobs, colorizer, overwrite=True)] == ["done"]
    assert jobs[0].destination.read_bytes() != b"kept"


def test_color_input_is_noticed(tmp_path: Path) -> None:
    Image.fromarray(scene(40, 40)).save(tmp_path / "a.png")
    outcome = next(run(plan([str(tmp_path)]), Colorizer(threads=1)))
    assert outcome.was_color


def test_destination_folder_that_cannot_be_made(album: Path) -> None:
    (album / "file").write_text("")
    job = Job(album / "a.jpg", album / "file" / "x" / "a.jpg")
    outcome = next(run([job], Colorizer(threads=1)))
    assert outcome.state == "failed"
    assert "cannot make the folder" in outcome.reason


def test_results_do_not_depend_on_workers(album: Path, tmp_path: Path) -> None:
    results = []
    for workers in (1, 3):
        out = tmp_path / f"out{workers}"
        list(run(plan([str(album)], output=out), Colorizer(threads=1), workers=workers))
        results.append([np.asarray(Image.open(p)) for p in sorted(out.rglob("*.*"))])
    assert len(results[0]) == 3
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)


def test_a_fault_of_ours_does_not_stop_the_rest(
    album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colorizer, save = Colorizer(threads=1), Colorizer.save

    def faulty(self: Colorizer, source: Path, destination: Path, **options: object) -> object:
        if source.name == "a.jpg":
            message = "two\nlines"
            raise RuntimeError(message)
        return save(self, source, destination, **options)

    monkeypatch.setattr(Colorizer, "save", faulty)
    outcomes = list(run(plan([str(album)]), colorizer))
    assert [o.state for o in outcomes] == ["done", "failed", "done"]
    assert outcomes[1].reason.endswith("a.jpg: unexpected RuntimeError: two")


def test_16_bits_stay_16_bits(tmp_path: Path) -> None:
    from photochrom.photo.decode import read

    luma = (np.asarray(Image.fromarray(scene(40, 50)).convert("L")).astype(np.uint16) * 257) + 3
    for suffix in (".png", ".tif"):
        source, result = tmp_path / f"deep{suffix}", tmp_path / f"deep.color{suffix}"
        Image.fromarray(luma).save(source)
        assert [o.state for o in run(plan([str(source)]), Colorizer(threads=1))] == ["done"]
        photo = read(result)
        assert photo.depth == 16
        assert np.abs(photo.luma.astype(int) - luma).max() <= 1
