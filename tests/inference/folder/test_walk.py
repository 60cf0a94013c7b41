from __future__ import annotations

from pathlib import Path

import pytest

from photochrom import Colorizer
from photochrom.inference.folder.inputs import Inputs
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.preview import Preview
from photochrom.inference.folder.walk import Found, expand
from tests.inference.folder.conftest import Color, draw, states, touch
from tests.locked import closed

DENIED = "permission denied"


@pytest.fixture
def shut(tmp_path: Path) -> Path:
    """A folder that is to be closed among others, with a photograph in each."""
    for place in ("a", "shut", "z"):
        (tmp_path / "scans" / place).mkdir(parents=True)
        draw(tmp_path / "scans" / place / "x.png", 1)
    return tmp_path / "scans" / "shut"


def told(found: list[Found]) -> list[tuple[str, str]]:
    return [(Path(f.path).name, f.problem or f.left_out) for f in found]


@pytest.mark.parametrize("mode", [0, 0o100, 0o400])
@pytest.mark.parametrize("pattern", ["", "*/*.png", "**/*.png", "**"])
def test_a_closed_folder_is_told_and_the_others_are_done(
    shut: Path, color: Color, tmp_path: Path, pattern: str, mode: int
) -> None:
    plan = Plan([str(shut.parent / pattern)], output=tmp_path / "out")
    with closed(shut, mode=mode):
        outcomes = color(plan)
    assert sorted(states(outcomes)) == ["done", "done", "failed"]
    [failed] = [o for o in outcomes if o.state == "failed"]
    assert str(shut) in failed.reason
    assert failed.reason.endswith(DENIED)
    assert len(failed.reason.splitlines()) == 1
    for place in "az":
        assert (tmp_path / "out" / place / "x.png").is_file()


def test_a_closed_folder_that_no_pattern_leads_to_is_not_asked(shut: Path) -> None:
    with closed(shut):
        assert told(list(expand(str(shut.parent / "[az]" / "*.png")))) == [("x.png", "")] * 2
        assert told(list(expand(str(shut.parent / "a" / "*")))) == [("x.png", "")]


@pytest.mark.parametrize("below", ["", "x.png", "sub", "*.png", "sub/*", "**"])
def test_a_closed_folder_by_name(shut: Path, below: str) -> None:
    with closed(shut):
        [found] = expand(str(shut / below))
    assert str(shut) in found.problem
    assert found.problem.endswith(DENIED)


@pytest.mark.parametrize("output", ["shut", "shut/out", "shut/out/deeper"])
def test_a_closed_output_is_one_line(
    shut: Path, color: Color, colorizer: Colorizer, output: str
) -> None:
    from photochrom.errors import PhotochromError

    with closed(shut):
        plan = Plan([str(shut.parent / "a")], output=shut.parent / output)
        with pytest.raises(PhotochromError, match=f"{output}.*{DENIED}$"):
            color(plan)
        with pytest.raises(PhotochromError, match=f"{output}.*{DENIED}$"):
            list(Preview(plan, colorizer).outcomes())


@pytest.mark.parametrize("name", ["shut", ".photochrom"])
def test_a_closed_folder_below_the_output_stops_only_what_goes_there(
    shut: Path, color: Color, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    plan = Plan([str(shut.parent)], output=out)
    color(plan)
    if name == "shut":
        # As a run leaves it that died while it colored what goes there.
        (out / ".photochrom" / "run.jsonl").write_text(
            '{"output": "shut/x.png", "input": "../scans/shut/x.png", "state": "started", '
            '"settings": ""}\n'
        )
        (out / "a" / "x.png").unlink()
        with closed(out / name):
            assert sorted(states(color(plan))) == ["done", "failed", "skipped"]
    else:
        from photochrom.errors import PhotochromError

        with closed(out / name), pytest.raises(PhotochromError, match=f"photochrom.*{DENIED}"):
            color(plan)


def test_a_preview_tells_a_closed_folder(shut: Path, colorizer: Colorizer, tmp_path: Path) -> None:
    plan = Plan([str(shut.parent)], output=tmp_path / "out")
    with closed(shut):
        found = list(Preview(plan, colorizer).outcomes())
    assert states(found) == ["planned", "failed", "planned"]


UNREAD = "fff j2c pam pfm apng btf DNG cr2 psd svg"
LITTER = ("@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", ".Trash-1000",
          ".Trashes", "lost+found", "__MACOSX", ".thumbnails", ".AppleDouble")  # fmt: skip


@pytest.mark.parametrize("name", LITTER)
@pytest.mark.parametrize("pattern", ["", "**/*.jpg", "*/*.jpg"])
def test_folders_of_the_system_are_left_out_and_counted_once(
    tmp_path: Path, name: str, pattern: str
) -> None:
    touch(tmp_path, "d/1920/a.jpg", f"d/{name}/a.jpg", f"d/{name}/deeper/b.jpg")
    found = told(list(expand(str(tmp_path / "d" / pattern))))
    assert sorted(found) == sorted([("a.jpg", ""), (name, "litter")])


def test_closed_litter_is_no_failure(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "lost+found/b.jpg")
    with closed(tmp_path / "lost+found"):
        assert told(list(expand(str(tmp_path)))) == [("a.jpg", ""), ("lost+found", "litter")]


@pytest.mark.parametrize("name", ["._a.jpg", "Thumbs.db", ".DS_Store", "desktop.ini"])
def test_files_of_the_system_are_left_out_but_where_they_are_named(
    tmp_path: Path, name: str
) -> None:
    touch(tmp_path, "a.jpg", name)
    assert sorted(told(list(expand(str(tmp_path))))) == sorted([("a.jpg", ""), (name, "litter")])
    assert Plan([str(tmp_path)]).count() == 1
    named = Plan([str(tmp_path / "a.jpg"), str(tmp_path / name)])
    assert [(j.source.name, j.left_out) for j in named] == [("a.jpg", ""), (name, "")]


def test_a_folder_of_the_system_is_done_by_itself_but_not_where_a_shell_names_it(
    tmp_path: Path,
) -> None:
    touch(tmp_path, "a.jpg", "@eaDir/t.jpg")
    inside = str(tmp_path / "@eaDir")
    assert [j.source.name for j in Plan([inside])] == ["t.jpg"]
    assert [j.source.name for j in Plan([f"{inside}/*.jpg"])] == ["t.jpg"]
    swept = Plan([inside, str(tmp_path / "a.jpg")])
    assert [(j.source.name, bool(j.left_out)) for j in swept] == [
        ("@eaDir", True),
        ("a.jpg", False),
    ]
    assert swept.count() == 1
    assert swept.homes == []


def test_litter_is_no_input_of_a_run(tmp_path: Path) -> None:
    touch(tmp_path, "1920/a.jpg", "@eaDir/a.jpg", "1920/._a.jpg")
    inputs = Inputs([str(tmp_path)], None)
    assert inputs.name(tmp_path / "1920" / "a.jpg")
    assert not inputs.name(tmp_path / "@eaDir" / "a.jpg")
    assert not inputs.name(tmp_path / "1920" / "._a.jpg")


def test_nothing_but_litter(tmp_path: Path) -> None:
    touch(tmp_path, "d/@eaDir/a.jpg", "d/x.psd")
    *_, last = expand(str(tmp_path / "d"))
    assert last.problem.endswith(
        "but 1 of kinds that are not read (save them as JPEG, PNG or TIFF) "
        "and 1 that belong to the system"
    )


@pytest.mark.parametrize("suffix", UNREAD.split())
def test_kinds_that_are_not_read_are_told(tmp_path: Path, suffix: str) -> None:
    touch(tmp_path, "a.jpg", f"b.{suffix}", "notes.txt")
    jobs = {j.source.name: j.left_out for j in Plan([str(tmp_path)])}
    assert set(jobs) == {"a.jpg", f"b.{suffix}"}
    assert jobs[f"b.{suffix}"].startswith(f".{suffix.lower()} is not read")
