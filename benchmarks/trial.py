"""Publishes what `photochrom compare` found: figures for docs/results/trial.md, and its pictures.

    python benchmarks/trial.py OUT_OF_COMPARE [--name trial] [--add] [--pictures docs/results]

Writes benchmarks/results/NAME.json, the part of comparison.json that the page needs, and two
pictures: NAME-mse.png, the error while training, and NAME-samples.jpg, what each run makes of
scikit-image's photographs. Pictures of the sets that were judged are never published. With --add
the runs join those that NAME.json has already, whose weights may be elsewhere, if both were trained
and judged on the same terms; their samples are NAME-samples-added.jpg.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from skimage import data

from photochrom import Colorizer
from photochrom.evaluation.analysis.drawing import PAPER, figure_of, png_of
from photochrom.evaluation.report.charts import COLORS
from photochrom.training.comparison import Comparison
from photochrom.training.contact import column_sheet

ROOT = Path(__file__).resolve().parents[1]
PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")
SIDE = 128
LEFT_OUT = {"records", "unreadable", "gray"}
LEFT_OUT_OF_ROWS = {"categories", "calibration", "shades"}
TERMS = ("pictures", "side", "fit", "size", "metrics", "data", "film", "version")
"""What has to be the same of a comparison and of what is published, for its runs to join it."""


def published(values: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a comparison: no names of pictures, figures to six digits."""
    kept = {key: value for key, value in values.items() if key not in LEFT_OUT}
    rows = [
        {key: value for key, value in row.items() if key not in LEFT_OUT_OF_ROWS}
        for row in values["rows"]
    ]
    rounded: dict[str, Any] = _rounded(kept | {"rows": rows})
    return rounded


def joined(earlier: dict[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    """Two published comparisons on the same terms as one; runs of the second replace the first's.

    Raises ValueError if terms, or the figures of gray and the truth, differ.
    """
    asked = ("sets", "budget", "overrides")
    different = [key for key in TERMS if earlier[key] != added[key]]
    different += [key for key in asked if earlier["asked"][key] != added["asked"][key]]
    ends = [[_values(rows[0]), _values(rows[-1])] for rows in (earlier["rows"], added["rows"])]
    different += ["the pictures' colors"] * (ends[0] != ends[1])
    if different:
        message = f"what is published is of other {', '.join(different)}"
        raise ValueError(message)
    gray, *_, truth = earlier["rows"]
    rows = {row["method"]: row for one in (earlier, added) for row in one["rows"][1:-1]}
    recipes = [*earlier["asked"]["recipes"], *added["asked"]["recipes"]]
    unfinished = [*earlier["unfinished"], *added["unfinished"]]
    both = {key: earlier[key] | added[key] for key in ("costs", "recipes", "missing", "notes")}
    return earlier | both | {
        "rows": [gray, *rows.values(), truth],
        "asked": earlier["asked"] | {"recipes": list(dict.fromkeys(recipes))},
        "unfinished": [name for name in dict.fromkeys(unfinished) if name not in rows],
    }  # fmt: skip


def _values(row: dict[str, Any]) -> dict[str, float | None]:
    return {metric: figure["value"] for metric, figure in row["figures"].items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def draw_curves(values: dict[str, Any]) -> bytes:
    """Validation MSE over images seen, a line for each run, as PNG."""
    figure = figure_of(11, 5, "Error on pictures that training does not see")
    axes = figure.add_subplot(xlabel="images seen", ylabel="MSE of ab, squared Lab units")
    names = [name for name in values["costs"] if "@" not in name]
    for number, name in enumerate(names):
        points = values["costs"][name]["curves"].get("validation/mse", [])
        if points:
            style = ("-", "--", ":")[number // len(COLORS) % 3]
            axes.plot(*zip(*points, strict=True), style, marker=".", label=name,
                      color=COLORS[number % len(COLORS)])  # fmt: skip
    axes.set(xscale="log", yscale="log", facecolor=PAPER)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.01, 0.5))
    return png_of(figure)


def draw_samples(comparison: Comparison, size: int | None) -> Image.Image:
    """Gray, every run and the truth, a column each."""
    originals = [_square(np.asarray(getattr(data, name)())[..., :3]) for name in PHOTOGRAPHS]
    grays = [image.convert("L") for image in originals]
    columns = [("gray", _tiles([gray.convert("RGB") for gray in grays]))]
    for run in comparison.finished:
        colorizer = Colorizer(comparison.folder(run), size=size, threads=1)
        columns.append((run.name.replace(" ", "\n"), _tiles([colorizer(g) for g in grays])))
    columns.append(("truth", _tiles(originals)))
    return column_sheet(columns)


def _square(picture: np.ndarray) -> Image.Image:
    image = Image.fromarray(picture)
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    crop = image.crop((left, top, left + edge, top + edge))
    return crop.resize((2 * SIDE, 2 * SIDE), Image.Resampling.LANCZOS)


def _tiles(images: list[Image.Image]) -> np.ndarray:
    return np.stack([np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
                     for image in images])  # fmt: skip


def main() -> None:
    """Read a comparison's folder, write the result and its pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--name", default="trial")
    parser.add_argument("--add", action="store_true", help="to what is published")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--pictures", type=Path, default=ROOT / "docs" / "results")
    args = parser.parse_args()
    values = json.loads((args.folder / "comparison.json").read_text(encoding="utf-8"))
    args.pictures.mkdir(parents=True, exist_ok=True)
    args.results.mkdir(parents=True, exist_ok=True)
    shown, out = published(values), args.results / f"{args.name}.json"
    if args.add:
        shown = joined(json.loads(out.read_text(encoding="utf-8")), shown)
    out.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")
    (args.pictures / f"{args.name}-mse.png").write_bytes(draw_curves(shown))
    samples = draw_samples(Comparison.stored(args.folder), values["size"])
    name = f"{args.name}-samples{'-added' * args.add}.jpg"
    samples.save(args.pictures / name, quality=86, optimize=True)
    print(f"{args.results / args.name}.json and two pictures in {args.pictures}")


if __name__ == "__main__":
    main()
