from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from photochrom.errors import WrongInput
from photochrom.inference.folder.jobs import Job
from photochrom.inference.folder.plan import Plan
from tests.inference.folder.conftest import names, results, save_result, touch


def test_results_lie_beside_their_sources(album: Path) -> None:
    assert names(Plan([str(album)]), album) == [
        ("1920/b.bmp", "1920/b.color.png"),
        ("a.jpg", "a.color.jpg"),
        ("a.png", "a.color.png"),
    ]


def test_output_folder_keeps_names_and_sub_folders(album: Path) -> None:
    plan = Plan([str(album)], output=album.parent / "out")
    assert results(plan, album.parent) == ["out/1920/b.png", "out/a.jpg", "out/a.png"]


def test_equal_results_are_told_apart(album: Path) -> None:
    plan = Plan([str(album)], format="PNG")
    assert results(plan, album) == ["1920/b.color.png", "a.color.png", "a.png.color.png"]


def test_many_results_of_one_name_are_all_told_apart(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abcd"]
    for folder in folders:
        touch(folder, "x.jpg")
    plan = Plan([str(f) for f in folders], output=tmp_path / "out")
    found = results(plan, tmp_path)
    assert found[:3] == ["out/x.jpg", "out/x.jpg.color.jpg", "out/x.jpg-2.color.jpg"]
    assert len(set(found)) == 4


def test_output_folder_that_is_the_source_never_replaces(album: Path) -> None:
    jobs = list(Plan([str(album)], output=album))
    assert len(jobs) == 3
    for job in jobs:
        assert job.destination != job.source
        assert not job.destination.exists()


def test_globs_and_files(album: Path) -> None:
    assert Plan([str(album / "*.png"), str(album / "a.jpg")]).count() == 2


def test_a_pattern_keeps_the_sub_folders_that_it_matches(tmp_path: Path) -> None:
    touch(tmp_path, "scans/a/1.tif", "scans/b/1.tif", "scans/b/1.color.tif")
    plan = Plan([str(tmp_path / "scans" / "**" / "*.tif")], output=tmp_path / "out")
    assert results(plan, tmp_path) == ["out/a/1.tif", "out/b/1.tif"]


def test_patterns(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "b.png", "x/a.jpg", "x/y/a.jpg", "x/y/b.jpg", "notes.txt")
    expected = {
        "*.jpg": ["a.jpg"],
        "*": ["a.jpg", "b.png"],
        "?.*": ["a.jpg", "b.png"],
        "*/a.jpg": ["x/a.jpg"],
        "**": ["a.jpg", "b.png", "x/a.jpg", "x/y/a.jpg", "x/y/b.jpg"],
        "**/[ab].jpg": ["a.jpg", "x/a.jpg", "x/y/a.jpg", "x/y/b.jpg"],
        "x/**/b.jpg": ["x/y/b.jpg"],
        "**/y/*": ["x/y/a.jpg", "x/y/b.jpg"],
    }
    for pattern, wanted in expected.items():
        found = [str(j.source.relative_to(tmp_path)) for j in Plan([str(tmp_path / pattern)])]
        assert found == wanted, pattern


def test_a_name_with_wildcards_that_exists_is_that_file(tmp_path: Path) -> None:
    touch(tmp_path, "grandma [1].jpg", "grandma 1.jpg")
    plan = Plan([str(tmp_path / "grandma [1].jpg")])
    assert [j.source.name for j in plan] == ["grandma [1].jpg"]


def test_same_file_twice_is_one_job(album: Path) -> None:
    assert Plan([str(album / "a.jpg"), str(album / "a.jpg")]).count() == 1
    assert Plan([str(album), str(album / "1920")]).count() == 3


def test_one_file_for_many_pictures(album: Path) -> None:
    with pytest.raises(WrongInput, match="one file"):
        Plan([str(album)], output=album / "x.jpg")


def test_unknown_format_names_the_nearest(album: Path) -> None:
    with pytest.raises(WrongInput, match="did you mean TIFF"):
        Plan([str(album)], format="tif")


def test_a_format_in_any_case(album: Path) -> None:
    files = [str(album / name) for name in ("a.jpg", "a.png")]
    assert results(Plan(files[:1], format="tiff"), album) == ["a.color.tif"]
    assert results(Plan(files, format="Png"), album) == ["a.color.png", "a.png.color.png"]
    assert Plan(files[:1], output=album / "x.png", format="png").count() == 1


def test_results_inside_the_source_are_not_colored_again(album: Path) -> None:
    out = album / "colored"
    touch(out, "a.jpg", "1920/b.png")
    for inputs in ([str(album)], [str(album / "**" / "*")]):
        plan = Plan(inputs, output=out)
        assert not [job for job in plan if out in job.source.parents]
        assert plan.count() >= 3


def test_loops_of_links_end(album: Path) -> None:
    (album / "1920" / "up").symlink_to(album)
    (album / "self.jpg").symlink_to(album / "self.jpg")
    (album / "away").symlink_to("/", target_is_directory=True)
    for inputs in ([str(album)], [str(album / "**" / "*.jpg"), str(album / "**" / "*.bmp")]):
        sources = [j.source for j in Plan(inputs)]
        assert len(sources) == len(set(sources)) <= 4
        assert all("up" not in s.parts and "away" not in s.parts for s in sources)


def test_very_deep_folders(tmp_path: Path) -> None:
    folder = tmp_path
    depth = sys.getrecursionlimit() + 100
    os.chdir(tmp_path)
    try:
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        Path("x.jpg").touch()
    finally:
        os.chdir(folder)
    try:
        assert Plan([str(tmp_path)]).count() == 1
    finally:
        # Deeper than what clears up behind tests can go.
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)


def test_odd_names(tmp_path: Path) -> None:
    odd = [
        "with space.jpg",
        "two\nlines.jpg",
        "-o.jpg",
        "ümlaut 写真.jpg",
        "a[1]*?.jpg",
        "%20;$(x).jpg",
    ]
    touch(tmp_path, *odd)
    (tmp_path / os.fsdecode(b"latin-\xe9.jpg")).touch()
    found = [j.source.name for j in Plan([str(tmp_path)], output=tmp_path.parent / "out")]
    assert set(odd) < set(found)
    assert len(found) == 7


def test_a_folder_that_cannot_be_listed_is_told(
    album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = os.scandir

    def refused(path: Path) -> object:
        # As the system does, but for root, too.
        if Path(path).name == "1920":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refused)
    jobs = list(Plan([str(album)]))
    assert len([j for j in jobs if "cannot list the folder" in j.problem]) == 1


def test_a_folder_that_is_gone_meanwhile_is_told(album: Path) -> None:
    jobs = iter(Plan([str(album)]))
    plan = Plan([str(album)])
    assert plan.count() == 3
    touch(album, "2000/z.jpg")
    first = next(jobs)
    assert first.source.name == "b.bmp"
    # Listed already, then removed before it is its turn.
    later = iter(Plan([str(album)]))
    next(later)
    (album / "2000" / "z.jpg").unlink()
    (album / "2000").rmdir()
    problems = [job.problem for job in later if job.problem]
    assert len(problems) == 1
    assert "2000: no such folder" in problems[0]


def test_homes(album: Path, tmp_path: Path) -> None:
    def homes(*inputs: Path, output: Path | None = None) -> list[Path]:
        return Plan([str(i) for i in inputs], output=output).homes

    assert homes(album) == [album]
    assert homes(album, album / "1920") == [album, album / "1920"]
    assert homes(album / "a.jpg") == []
    assert homes(album / "a.jpg", output=tmp_path / "x.png") == []
    assert homes(album / "a.jpg", output=tmp_path / "x") == [tmp_path / "x"]
    assert homes(album / "*.jpg") == [album]
    alone = list(Plan([str(album / "a.jpg")]))
    assert alone == [Job(album / "a.jpg", album / "a.color.jpg")]


MEMORY = """
import resource, sys
from pathlib import Path
from photochrom.inference.folder.plan import Plan
plan = Plan([sys.argv[1]], output=Path(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for job in plan)
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_50_000_names_take_little_memory(tmp_path: Path) -> None:
    for folder in range(50):
        place = tmp_path / "in" / f"{folder:02}"
        place.mkdir(parents=True)
        for n in range(1000):
            os.mknod(place / f"{n:05}.jpg")
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, tmp_path / "in", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    count, peak = map(int, done.stdout.split())
    assert count == 50_000
    # What is kept of a picture is a digest of its result; a list of jobs would be 60 MB.
    assert peak < 15_000


def test_a_picture_that_is_a_folder_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "album.jpg").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "album.jpg" / "x.png")
    assert [j.source.name for j in Plan([str(tmp_path)])] == ["x.png"]


@pytest.mark.parametrize(
    ("first", "second"), [("A.jpg", "a.JPG"), ("\u00e9.jpg", "e\u0301.jpg"), ("X/1.jpg", "x/1.jpg")]
)
def test_names_that_some_disks_take_for_one_are_told_apart(
    tmp_path: Path, first: str, second: str
) -> None:
    touch(tmp_path / "1", first)
    touch(tmp_path / "2", second)
    plan = Plan([str(tmp_path / "1"), str(tmp_path / "2")], output=tmp_path / "out")
    again = Path(second).with_name(f"{Path(second).name}.color{Path(second).suffix}")
    found = [str(job.destination.relative_to(tmp_path / "out")) for job in plan]
    assert found == [first, str(again)]


@pytest.mark.parametrize("out", ["1", "link"])
def test_no_result_has_the_name_of_another_photograph(tmp_path: Path, out: str) -> None:
    touch(tmp_path, "1/x.png", "1/y.jpg", "2/x.png", "3/y.jpg", "3/z.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "1")
    plan = Plan([str(tmp_path / name) for name in "213"], output=tmp_path / out)
    assert [job.destination.name for job in plan] == [
        "x.png.color.png", "x.color.png", "y.color.jpg", "y.jpg.color.jpg", "z.jpg"
    ]  # fmt: skip
    assert not any(job.destination.exists() or job.occupied for job in plan)


def test_files_that_were_named_are_photographs_unless_they_say_otherwise(album: Path) -> None:
    both = [str(album / "a.jpg"), str(album / "a.color.jpg")]
    touch(album, "a.color.jpg")
    assert results(Plan(both), album) == ["a.jpg.color.jpg", "a.color.color.jpg"]
    save_result(album / "a.color.jpg")
    assert results(Plan(both), album) == ["a.color.jpg"]
    # Named without its photograph, it is meant.
    assert results(Plan(both[1:]), album) == ["a.color.color.jpg"]


def test_a_name_too_long_for_the_disk_is_no_photograph(tmp_path: Path) -> None:
    touch(tmp_path, f"{'x' * 250}.jpg")
    assert Plan([str(tmp_path)]).count() == len(list(Plan([str(tmp_path)]))) == 1
