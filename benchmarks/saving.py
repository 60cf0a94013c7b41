"""The record of a measurement: one JSON file, from which ``docs/generate.py`` writes the tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def save(result: dict[str, Any], out: Path | None) -> None:
    """Write ``result`` if a place is given."""
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
