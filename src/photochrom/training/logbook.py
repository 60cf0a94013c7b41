"""What a run writes down: numbers as CSV and TensorBoard, the loss curve as a picture."""

from __future__ import annotations

import csv
import json
import platform
import subprocess
from collections import deque
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from photochrom.training.config import Recipe


class Logbook:
    """The records of one run folder; rows after ``start`` images are dropped on resume."""

    def __init__(self, folder: Path, *, start: int) -> None:
        """Open ``metrics.csv`` and the TensorBoard files, to go on after ``start`` images."""
        self.folder = folder
        self._path = folder / "metrics.csv"
        self.rows = [r for r in _read(self._path) if int(r["images"]) <= start]
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=start or None)
        self._recent: dict[str, deque[float]] = {}

    def add(self, values: dict[str, float]) -> None:
        """Remember one step's loss parts for the progress line and the next record.

        Parts that it does not have are forgotten: another phase of the run has begun.
        """
        self._recent = {k: self._recent[k] for k in values if k in self._recent}
        for key, value in values.items():
            self._recent.setdefault(key, deque(maxlen=200)).append(value)

    def recent(self) -> dict[str, float]:
        """Mean of each part over the last steps."""
        return {key: sum(v) / len(v) for key, v in self._recent.items()}

    def record(self, images: int, **values: float) -> None:
        """Write a row: the recent training parts and ``values``."""
        row = {f"train/{k}": v for k, v in self.recent().items()} | values
        self.rows.append({"images": str(images)} | {k: f"{v:.6g}" for k, v in row.items()})
        for key, value in row.items():
            self._board.add_scalar(key, value, images)
        self._board.flush()
        fields = list(dict.fromkeys(k for r in self.rows for k in r))
        temporary = self._path.with_name(".metrics.part")
        with temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fields)
            writer.writeheader()
            writer.writerows(self.rows)
        temporary.replace(self._path)
        self._draw()

    def _draw(self) -> None:
        """Draw training and validation loss over images seen to ``loss.png``."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.add_subplot(xlabel="images seen", ylabel="loss", title=self.folder.name)
        for key, label in (("train/loss", "training"), ("validation/loss", "validation")):
            points = [(int(r["images"]), float(r[key])) for r in self.rows if r.get(key)]
            if points:
                axes.plot(*zip(*points, strict=True), marker=".", label=label)
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(self.folder / "loss.png", dpi=110)

    def close(self) -> None:
        """Close the TensorBoard files."""
        self._board.close()


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_facts(folder: Path, recipe: Recipe, data: list[str], **facts: Any) -> None:
    """Write ``run.json``: resolved recipe, data, versions, git revision; all that repeats a run."""
    from importlib.metadata import version

    packages = {p: version(p) for p in ("torch", "lightning", "timm", "numpy", "photochrom")}
    content = {
        "recipe": recipe.to_dict(),
        "data": data,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages,
        "git": _git_revision(),
        **facts,
    }
    (folder / "run.json").write_text(json.dumps(content, indent=2), encoding="utf-8")


def _git_revision() -> str | None:
    """Revision of the code that runs, if it runs from a git checkout."""
    try:
        result = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()
