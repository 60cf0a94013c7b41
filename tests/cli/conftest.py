"""The command as people run it, and a folder of photographs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom.cli import main as command
from tests.conftest import save_scenes, scene


def photochrom(*args: str | Path, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "error", "-m", "photochrom", *map(str, args)]
    return subprocess.run(command, capture_output=True, check=False, timeout=120, **options)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    for index in range(4):
        picture = Image.fromarray(scene(30, 40, seed=index)).convert("L")
        picture.save(folder / f"[b] {index}\n.png")
    (folder / "bad.jpg").write_text("no picture")
    return folder


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Calls the command in this process; returns its exit status."""
    monkeypatch.setattr(command, "_leave", lambda _: None)

    def run(*args: str | Path, **streams: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["photochrom", *map(str, args)])
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as end:
                command.main()
        return end.value.code or 0

    return run


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_scenes(tmp_path_factory.mktemp("photographs"), count=3, height=90, width=120)


def evaluate(*words: str | Path) -> Result:
    return CliRunner().invoke(command.photochrom, ["evaluate", *map(str, words)])
