"""The line that installs an extra works from where photochrom came: a name alone finds nothing."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photochrom import installation
from photochrom.errors import MissingExtra
from photochrom.installation import install_line

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("archive", "train", "peers")


class Noted:
    """A distribution that says where it came from."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def read_text(self, name: str) -> str | None:
        return self.text if name == "direct_url.json" else None


def installed(monkeypatch: pytest.MonkeyPatch, folder: Path, noted: object) -> None:
    """As if it were installed in a folder that is no checkout, with this note."""
    text = noted if noted is None or isinstance(noted, str) else json.dumps(noted)
    monkeypatch.setattr(installation, "CHECKOUT", folder)
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: Noted(text))


@pytest.mark.parametrize("extra", EXTRAS)
def test_in_a_checkout(extra: str) -> None:
    said = str(MissingExtra(extra, "this"))
    assert said.startswith("this needs an extra: ")
    assert f"pip install '.[{extra}]'" in said
    assert str(ROOT) in said
    assert "\n" not in said


@pytest.mark.parametrize("info", [{}, {"editable": True}])
def test_installed_from_a_folder(
    info: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "photo chrom"
    installed(monkeypatch, tmp_path, {"url": source.as_uri(), "dir_info": info})
    assert f"pip install '.[train]' (in the folder {source})" in install_line("train")


@pytest.mark.parametrize(
    ("noted", "requirement"),
    [
        (
            {"url": "file:///home/me/photochrom-1.0-py3-none-any.whl", "archive_info": {}},
            "photochrom[train] @ file:///home/me/photochrom-1.0-py3-none-any.whl",
        ),
        (
            {"url": "https://example.org/photochrom-1.0.tar.gz", "archive_info": {"hash": "x=1"}},
            "photochrom[train] @ https://example.org/photochrom-1.0.tar.gz",
        ),
        (
            {
                "url": "https://example.org/photochrom.git",
                "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "abc"},
            },
            "photochrom[train] @ git+https://example.org/photochrom.git@v1",
        ),
        (
            {
                "url": "ssh://git@example.org/all.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc"},
                "subdirectory": "tools/photochrom",
            },
            "photochrom[train] @ git+ssh://git@example.org/all.git@abc"
            "#subdirectory=tools/photochrom",
        ),
        (None, "photochrom[train]"),
        ("not json", "photochrom[train]"),
        ("[]", "photochrom[train]"),
    ],
)
def test_installed_from_elsewhere(
    noted: object, requirement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaging = pytest.importorskip("packaging.requirements")
    installed(monkeypatch, tmp_path, noted)
    line = install_line("train")
    assert line.endswith(f"pip install '{requirement}'")
    parsed = packaging.Requirement(requirement)
    assert (parsed.name, parsed.extras) == ("photochrom", {"train"})


def test_not_installed_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(installation, "CHECKOUT", tmp_path)
    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    assert "pip install 'photochrom[train]'" in install_line("train")


def test_another_pip_than_this_pythons_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: "/somewhere/else/bin/pip")
    assert install_line("train").startswith(f"{sys.executable} -m pip install ")
    monkeypatch.setattr(shutil, "which", lambda _name: str(Path(sys.executable).parent / "pip"))
    assert install_line("train").startswith("pip install ")


def test_what_a_wheel_says_is_what_pip_noted(tmp_path: Path) -> None:
    """The code outside its checkout, beside a note such as pip leaves."""
    place = tmp_path / "site"
    shutil.copytree(
        ROOT / "src" / "photochrom",
        place / "photochrom",
        ignore=shutil.ignore_patterns("*.onnx", "__pycache__"),
    )
    note = place / "photochrom-9.dist-info"
    note.mkdir()
    (note / "METADATA").write_text("Metadata-Version: 2.1\nName: photochrom\nVersion: 9\n")
    wheel = "file:///w/photochrom-9-py3-none-any.whl"
    (note / "direct_url.json").write_text(json.dumps({"url": wheel, "archive_info": {}}))
    program = "from photochrom.errors import MissingExtra; print(MissingExtra('train', 'it'))"
    words = [sys.executable, "-S", "-c", program]
    environment = {"PYTHONPATH": str(place)}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.rstrip().endswith(f"pip install 'photochrom[train] @ {wheel}'")


def test_nothing_else_says_how_to_install_an_extra() -> None:
    """The line has one home."""
    files = [*(ROOT / "src" / "photochrom").rglob("*.py")]
    found = [f.name for f in files if "pip install" in f.read_text(encoding="utf-8")]
    assert found == ["installation.py"]
