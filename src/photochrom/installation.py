"""Where photochrom was installed from, and the line that adds an extra from there."""

from __future__ import annotations

import json
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

PACKAGE = "photochrom"
CHECKOUT = Path(__file__).parents[2]


def install_line(extra: str) -> str:
    """What to run so that ``extra`` is there, from where photochrom itself came.

    In a checkout ``pip install '.[EXTRA]'`` with its folder, else the file or the address; only
    what came from an index has no more than its name.
    """
    origin = _origin()
    folder = _source_folder(origin)
    if folder is not None:
        return f"{_pip()} install '.[{extra}]' (in the folder {folder})"
    address = _address(origin)
    return f"{_pip()} install '{PACKAGE}[{extra}]{address and f' @ {address}'}'"


def package_line(package: str) -> str:
    """What installs a package that is missing, though photochrom came with it."""
    return f"{_pip()} install {package}"


def _origin() -> dict[str, Any]:
    """What the installer noted (PEP 610); empty if an index gave it, or nothing is known."""
    try:
        noted = json.loads(metadata.distribution(PACKAGE).read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _source_folder(origin: dict[str, Any]) -> Path | None:
    """The checkout that runs, or else the folder that was installed."""
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT
    return Path(url2pathname(urlsplit(origin["url"]).path)) if "dir_info" in origin else None


def _address(origin: dict[str, Any]) -> str:
    """Of the file or repository, as a requirement names it; "" where there is none."""
    address = str(origin.get("url", ""))
    repository = origin.get("vcs_info")
    if repository:
        revision = repository.get("requested_revision") or repository["commit_id"]
        address = f"{repository['vcs']}+{address}@{revision}"
    inside = origin.get("subdirectory")
    return f"{address}#subdirectory={inside}" if inside else address


def _pip() -> str:
    """Plain "pip" only where that is this Python's own: another would install elsewhere."""
    found, here = shutil.which("pip"), Path(sys.executable)
    own = found is not None and Path(found).parent == here.parent
    return "pip" if own else f"{here} -m pip"
