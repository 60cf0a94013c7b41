import errno
import os
import stat
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from photochrom.errors import UnwritablePhoto
from photochrom.photo import atomic
from photochrom.photo.atomic import atomic_file
from photochrom.photo.encode import FORMATS, write


def test_the_file_appears_at_the_end(tmp_path):
    path = tmp_path / "photo"
    with atomic_file(path) as file:
        file.write(b"whole")
        file.flush()
        assert not path.exists()
        (temporary,) = tmp_path.iterdir()
        assert temporary.name.startswith(".")
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo"]
    assert path.read_bytes() == b"whole"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_remains_of_a_failure(tmp_path, error):
    path = tmp_path / "photo"
    path.write_bytes(b"before")

    def interrupted():
        with atomic_file(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo"]
    assert path.read_bytes() == b"before"


def test_ordinary_permissions(tmp_path):
    before = os.umask(0o027)
    try:
        with atomic_file(tmp_path / "photo") as file:
            file.write(b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "photo").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "photo", tmp_path / "link"
    target.write_bytes(b"before")
    link.symlink_to(target)
    with atomic_file(link) as file:
        file.write(b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


def test_names_as_long_as_the_system_allows(tmp_path):
    with atomic_file(tmp_path / ("n" * 255)) as file:
        file.write(b"x")


def test_places_that_cannot_be_written(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, reason in (
        (tmp_path, "it is a folder"),
        (tmp_path / "no" / "photo", "no such folder"),
        (pipe, "it is not an ordinary file"),
    ):
        with (
            pytest.raises(UnwritablePhoto, match=f"^{path} cannot be written: {reason}$"),
            atomic_file(path),
        ):
            pass
    assert pipe.is_fifo()


def test_no_permission(tmp_path, monkeypatch):
    def refused(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with (
        pytest.raises(UnwritablePhoto, match=r"photo cannot be written: permission denied$"),
        atomic_file(tmp_path / "photo"),
    ):
        pass


@pytest.mark.parametrize("format", FORMATS)
def test_a_coloring_that_fails_midway(tint, luma8, luma16, tmp_path, monkeypatch, format):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 300)

    class Failing(type(tint(luma8))):
        def rgb(self, start, stop):
            if start > 10:
                raise KeyboardInterrupt
            return super().rgb(start, stop)

        def planes(self, start, stop):
            if start > 10:
                raise KeyboardInterrupt
            return super().planes(start, stop)

    for luma in (luma8, luma16):
        with pytest.raises(KeyboardInterrupt):
            write(Failing(luma), tmp_path / "photo", format=format)
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import resource, sys
import numpy as np
from photochrom.errors import UnwritablePhoto
from photochrom.photo.encode import write

class Noise:
    height, width = 120, 100
    def __init__(self, depth):
        self.depth = depth
        noise = np.random.default_rng(0).integers(0, 2**depth, (120, 100, 3))
        self.samples = noise.astype(f"u{depth // 8}")
    def rgb(self, start, stop):
        return self.samples[start:stop]
    def planes(self, start, stop):
        half = self.samples[start:stop:2, ::2]
        return self.samples[start:stop, :, 0], half[..., 1], half[..., 2]

resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
for format in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
    for depth in (8, 16):
        try:
            write(Noise(depth), sys.argv[1] + "/photo", format=format, quality=95)
        except UnwritablePhoto as error:
            assert "photo cannot be written: " in str(error), error
            assert "\\n" not in str(error)
        else:
            raise SystemExit(f"{format} at {depth} bits was written whole")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on file sizes there")
def test_a_full_disk(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_bytes_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    """Else a power cut could leave an empty file by the name of a whole one."""
    path, seen = tmp_path / "hints.json", []
    path.write_bytes(b"before")

    def noted(descriptor):
        seen.append((os.fstat(descriptor).st_size, path.read_bytes()))

    monkeypatch.setattr(os, "fsync", noted)
    with atomic_file(path) as file:
        file.write(b"after!!")
    assert seen == [(7, b"before")]
    assert path.read_bytes() == b"after!!"


@pytest.mark.parametrize(
    ("number", "is_kept"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)]
)
def test_disks_that_refuse_to_say(tmp_path, monkeypatch, number, is_kept):
    """Some file systems know no such call; a failing disk is another thing."""
    path = tmp_path / "photo"
    path.write_bytes(b"before")

    def refused(_descriptor):
        raise OSError(number, "No")

    monkeypatch.setattr(os, "fsync", refused)
    expected = nullcontext() if is_kept else pytest.raises(UnwritablePhoto, match=r": no$")
    with expected, atomic_file(path) as file:
        file.write(b"after")
    assert path.read_bytes() == (b"after" if is_kept else b"before")
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo"]


WRITE_ON = """
import sys
from photochrom.photo.atomic import atomic_file
with atomic_file(sys.argv[1]) as file:
    file.write(b"first")
    file.flush()
    print("writing", flush=True)
    sys.stdin.readline()
    file.write(b" and last")
"""


def writing(path):
    """A process in the middle of writing a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE_ON, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"writing\n"
    return process


def age(path, seconds=600):
    then = time.time() - seconds
    os.utime(path, (then, then))


def write_another(folder):
    with atomic_file(folder / "other") as file:
        file.write(b"x")


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_what_a_killed_process_left_is_removed(tmp_path):
    with writing(tmp_path / "photo") as process:
        process.kill()
    (left,) = tmp_path.iterdir()
    age(left)
    write_another(tmp_path)
    assert names(tmp_path) == ["other"]


def test_what_a_living_process_writes_stays(tmp_path):
    with writing(tmp_path / "photo") as process:
        (temporary,) = tmp_path.iterdir()
        age(temporary)
        write_another(tmp_path)
        assert temporary.read_bytes() == b"first"
        process.communicate(b"\n")
    assert process.returncode == 0
    assert (tmp_path / "photo").read_bytes() == b"first and last"
    assert names(tmp_path) == ["other", "photo"]


def test_a_file_is_held_until_it_has_its_name(tmp_path, monkeypatch):
    """On a slow disk it is old by the time that it is on the disk and closed."""
    replace = Path.replace

    def late(self, target):
        age(self)
        atomic._cleared.clear()
        atomic.clear_leftovers(self.parent)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", late)
    write_another(tmp_path)
    assert names(tmp_path) == ["other"]


def test_only_what_was_left_is_removed(tmp_path):
    """Neither what may not be locked yet, nor what is called by another name or is no file."""
    others = [".0123456789AB.part", ".0123456789abc.part", "0123456789ab.part", ".a.jpg.part"]
    for name in (".0123456789ab.part", *others):
        (tmp_path / name).touch()
        age(tmp_path / name)
    (tmp_path / ".111111111111.part").mkdir()
    age(tmp_path / ".111111111111.part")
    (tmp_path / ".222222222222.part").symlink_to(tmp_path / others[0])
    (tmp_path / ".333333333333.part").touch()
    stays = [*others, *(f".{digit * 12}.part" for digit in "123"), "other"]
    write_another(tmp_path)
    assert names(tmp_path) == sorted(stays)


def test_a_folder_is_looked_through_once(tmp_path, monkeypatch):
    looks, scandir = [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looks.append(path) or scandir(path))
    for _ in range(3):
        write_another(tmp_path)
    assert looks == [str(tmp_path)]


@pytest.mark.parametrize("refused", ["os.scandir", "pathlib.Path.unlink", "fcntl.flock"])
def test_what_cannot_be_removed_is_no_failure(tmp_path, monkeypatch, refused):
    left = tmp_path / ".0123456789ab.part"
    left.touch()
    age(left)

    def refuse(*_args, **_options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(refused, refuse)
        write_another(tmp_path)
    assert names(tmp_path) == [left.name, "other"]
