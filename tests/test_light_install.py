"""Light means light: help and the package itself load no heavy library, and colorizing no torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import click
import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

from photochrom.cli import main as program

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "onnxruntime", "lightning", "fastapi", "matplotlib", "timm", "sklearn", "onnx"}
NEEDS_TORCH = {"photochrom.inference.torch_session"}
TORCH_FREE_ROOMS = ("color", "photo", "inference", "cli", "registry", "errors")

RUN_PROGRAM = """
import json, sys
sys.argv = ["photochrom", *sys.argv[1:]]
from photochrom.cli.main import photochrom
try:
    photochrom(prog_name="photochrom")
except SystemExit as end:
    assert not end.code, end.code
json.dump(sorted({name.partition(".")[0] for name in sys.modules}), sys.stderr)
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that has run ``code``; fails the test with its errors if it failed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr
    return done


def command_lines() -> Iterator[tuple[str, ...]]:
    """Arguments of every command and sub-command, the program itself first."""

    def walk(command: click.Command, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield names
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None, name
                yield from walk(found, (*names, name))

    return walk(program.photochrom, ())


def test_importing_the_package_loads_no_library_at_all() -> None:
    done = python(
        "import sys, json, photochrom; dir(photochrom)\n"
        "print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules})))"
    )
    assert set(json.loads(done.stdout)) & (HEAVY | {"numpy", "PIL", "click", "rich"}) == set()


@pytest.mark.parametrize("names", tuple(command_lines()), ids=" ".join)
def test_help_loads_nothing_heavy(names: tuple[str, ...]) -> None:
    done = python(RUN_PROGRAM, *names, "--help")
    assert "Usage: photochrom" in done.stdout
    assert set(json.loads(done.stderr)) & HEAVY == set()


def test_version_loads_nothing_heavy() -> None:
    assert set(json.loads(python(RUN_PROGRAM, "--version").stderr)) & HEAVY == set()


def test_python_dash_m_runs_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "photochrom", "--help"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "photochrom" in done.stdout


def test_rooms_of_the_light_install_import_neither_torch_nor_onnxruntime() -> None:
    package = Path(program.__file__).parents[1]
    modules = [
        ".".join(("photochrom", *path.relative_to(package).with_suffix("").parts))
        for room in TORCH_FREE_ROOMS
        for path in sorted([*package.glob(f"{room}.py"), *package.glob(f"{room}/*.py")])
        if path.stem != "__init__"
    ]
    light = [module for module in modules if module not in NEEDS_TORCH]
    assert len(light) > len(TORCH_FREE_ROOMS)
    assert set(modules) >= NEEDS_TORCH
    done = python(
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules})))",
        *light,
    )
    assert set(json.loads(done.stdout)) & HEAVY == set()


def test_colorizing_needs_none_of_the_extras(tmp_path: Path) -> None:
    """As on a machine with the base install only: the extras' packages cannot be imported."""
    ramp = np.add.outer(np.arange(48), np.arange(64)).astype(np.uint8)
    Image.fromarray(ramp).save(tmp_path / "gray.png")
    absent = [
        *sorted(HEAVY - {"onnxruntime"}),
        "tifffile",
        "imagecodecs",
        "pypdfium2",
        "safetensors",
    ]
    python(
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({absent}))\n"
        "import photochrom\n"
        "print(photochrom.colorize(sys.argv[1]))",
        str(tmp_path / "gray.png"),
    )
    with Image.open(tmp_path / "gray.color.png") as result:
        assert result.size == (64, 48)
        assert result.mode == "RGB"


def base_packages() -> set[str]:
    """What the base install brings besides photochrom."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found, left = set[str](), [Requirement(text) for text in project["dependencies"]]
    while left:
        wanted = left.pop()
        name = canonicalize_name(wanted.name)
        if name not in found and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            found.add(name)
            left += map(Requirement, metadata.requires(name) or ())
    return found


def test_the_base_install_is_small() -> None:
    """At most 14 packages and 210 MB."""
    packages = base_packages()
    assert {"numpy", "pi-heif", "pillow"} <= packages
    assert 1 + len(packages) <= 14, packages
    paths = [path for path in (ROOT / "src").rglob("*") if path.is_file()]
    for name in packages:
        paths += [Path(str(path.locate())) for path in metadata.files(name) or ()]
    assert sum(path.stat().st_size for path in paths if path.exists()) < 210e6
