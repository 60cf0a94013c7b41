"""One table of the kinds of files: what is derived from it agrees, and extras are named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.data.folder import PICTURE_SUFFIXES
from photochrom.errors import UnsupportedPhoto
from photochrom.inference.names import SUFFIXES, WRITABLE, beside
from photochrom.photo import kinds
from photochrom.photo.encode import FORMATS
from photochrom.photo.kinds import HEAD_BYTES, KIND_OF_SUFFIX, KINDS, kind_of
from tests.fuzz.seeds import make_seeds

WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(("pi_heif", "imagecodecs", "pypdfium2")))
from photochrom.cli.main import photochrom
photochrom(sys.argv[1:], prog_name="photochrom")
"""


def test_tables_agree() -> None:
    assert set(WRITABLE.values()) == set(SUFFIXES) == set(FORMATS)
    assert all(KIND_OF_SUFFIX[suffix] == kind for suffix, kind in WRITABLE.items())
    assert {kind.result for kind in KINDS.values()} <= set(FORMATS)
    foreign = " ".join(kinds._FOREIGN.values()).split()
    assert len(foreign) == len(set(foreign))
    assert KIND_OF_SUFFIX.keys().isdisjoint(foreign)
    assert KIND_OF_SUFFIX.keys() >= PICTURE_SUFFIXES
    assert {kind_of(seed.data[:HEAD_BYTES]) for seed in make_seeds() if seed.name != "PF"} == set(
        KINDS
    )


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("a.heic", "a.color.jpg"), ("a.HIF", "a.color.jpg"), ("a.heif", "a.color.jpg"),
        ("a.pdf", "a.color.jpg"), ("a.jxl", "a.color.png"), ("a.JPG", "a.color.JPG"),
        ("a.jfif", "a.color.jpg"), ("a.bmp", "a.color.png"), ("a.tiff", "a.color.tiff"),
        ("a.unknown", "a.color.png"),
    ],
)  # fmt: skip
def test_what_results_are_called(name: str, result: str) -> None:
    assert beside(Path(name)) == Path(result)


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        ("heic mif1", "HEIC"), ("heix mif1 heic", "HEIC"), ("mif1 heic miaf", "HEIC"),
        ("mif1 miaf", "HEIC"), ("MiHE mif1 heic", "HEIC"), ("hevc msf1", "HEIC"),
        ("avif mif1 miaf", "AVIF"), ("mif1 avif miaf", "AVIF"), ("avis msf1", "AVIF"),
    ],
)  # fmt: skip
def test_boxes_are_told_apart_by_their_brands(brands: str, kind: str) -> None:
    major, *others = brands.encode().split()
    size = 16 + 4 * len(others)
    head = size.to_bytes(4, "big") + b"ftyp" + major + bytes(4) + b"".join(others)
    assert kind_of(head + b"\0\0\0\x20metaavif") == kind
    with pytest.raises(UnsupportedPhoto, match="a film"):
        kind_of(b"\0\0\0\x14ftypisom\0\0\0\0mp42heic")


def without_packages(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *words], capture_output=True, text=True, timeout=120
    )


def test_what_is_missing_is_named_with_the_line_that_installs_it(tmp_path: Path) -> None:
    files = {"a.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "b.jxl": b"\xff\x0a\x43\x02\0\0\0\0",
             "c.pdf": b"%PDF-1.7"}  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in files]
    done = without_packages("colorize", *paths)
    assert done.returncode == 1
    assert "pip install pi-heif" in done.stderr
    assert done.stderr.count("[archive]'") == 2
    assert "Traceback" not in done.stderr
    # In a folder they are no failures: somebody has other documents there, too.
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "d.png")
    done = without_packages("colorize", str(tmp_path), "--json")
    assert done.returncode == 0
    assert "left out: 3 files of other kinds" in done.stderr
    assert "reading JPEG XL needs an extra" in done.stdout
    assert "reading HEIC needs a package: " in done.stdout
    assert "pip install pi-heif" in done.stdout
