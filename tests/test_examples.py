"""Every example runs, on pictures made here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import scene

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str, *args: Path) -> str:
    command = [sys.executable, str(EXAMPLES / name), *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["confidence_map.py", "vividness_sheet.py"])
def test_picture_in_picture_out(name: str, gray_photo: Path, tmp_path: Path) -> None:
    run(name, gray_photo, tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as image:
        assert image.width >= 120


def test_own_recipe(gray_photo: Path, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for index in range(10):
        Image.fromarray(scene(40, 40, seed=index)).save(pictures / f"{index}.png")
    assert "grandma.color.jpg" in run("own_recipe.py", pictures, tmp_path, gray_photo)


def test_no_example_is_forgotten() -> None:
    named = {"confidence_map.py", "own_recipe.py", "vividness_sheet.py"}
    assert {p.name for p in EXAMPLES.glob("*.py")} == named
