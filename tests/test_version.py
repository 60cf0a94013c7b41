"""The version is written once, in the package."""

from __future__ import annotations

import tomllib
from pathlib import Path

import photochrom

ROOT = Path(__file__).parents[1]


def test_the_build_and_the_citation_say_the_packages_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/photochrom/__init__.py"
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {photochrom.__version__}\n" in citation
