"""What a run writes down: numbers as CSV and TensorBoard, the loss curve as a picture."""

from __future__ import annotations

import csv
import io
import json
import platform
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from photochrom.errors import TrainingError
from photochrom.photo.atomic import atomic_file
from photochrom.training.config import Recipe

_STEPS = 200


class Logbook:
    """The records of one run folder; rows after ``start`` images are dropped on resume."""

    def __init__(
        self,
        folder: Path,
        *,
        start: int,
        recent: Mapping[str, Sequence[float]] | None = None,
        writes: bool = True,
    ) -> None:
        """Open ``metrics.csv`` and the TensorBoard files, to go on after ``start`` images.

        ``recent`` is what :meth:`memory` gave then. Of several processes only one ``writes``.
        """
        self.folder = folder
        self._path = folder / "metrics.csv"
        self.rows = [r for r in _read(self._path) if int(r["images"]) <= start] if writes else []
        self._board = (
            SummaryWriter(str(folder / "tensorboard"), purge_step=start or None) if writes else None
        )
        self._recent = {k: deque(v, maxlen=_STEPS) for k, v in (recent or {}).items()}

    def add(self, values: dict[str, float]) -> None:
        """Remember one step's loss parts for the progress line and the next record.

        Parts that it does not have are forgotten: another phase of the run has begun.
        """
        self._recent = {k: self._recent[k] for k in values if k in self._recent}
        for key, value in values.items():
            self._recent.setdefault(key, deque(maxlen=_STEPS)).append(value)

    def recent(self) -> dict[str, float]:
        """Mean of each part over the last steps."""
        return {key: sum(v) / len(v) for key, v in self._recent.items()}

    def memory(self) -> dict[str, list[float]]:
        """What a resumed run must remember to write the same means."""
        return {key: list(v) for key, v in self._recent.items()}

    def record(self, images: int, **values: float) -> None:
        """Write a row: the recent training parts and ``values``."""
        if self._board is None:
            return
        row = {f"train/{k}": v for k, v in self.recent().items()} | values
        self.rows.append({"images": str(images)} | {k: f"{v:.6g}" for k, v in row.items()})
        for key, value in row.items():
            self._board.add_scalar(key, value, images)
        self._board.flush()
        fields = list(dict.fromkeys(k for r in self.rows for k in r))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, fields)
        writer.writeheader()
        writer.writerows(self.rows)
        with atomic_file(self._path) as file:
            file.write(text.getvalue().encode())
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
        with atomic_file(self.folder / "loss.png") as file:
            figure.savefig(file, dpi=110, format="png")

    def close(self) -> None:
        """Close the TensorBoard files."""
        if self._board is not None:
            self._board.close()


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = list(csv.DictReader(file))
    if not all((row.get("images") or "").isdigit() for row in rows):
        message = f"{path} is not what the run wrote; move it away, and the same command continues"
        raise TrainingError(message)
    return rows


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
    with atomic_file(folder / "run.json") as file:
        file.write(json.dumps(content, indent=2).encode())


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
