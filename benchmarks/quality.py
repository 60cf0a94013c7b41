"""Quality of models on pictures whose colors are known, beside gray and the truth.

    python benchmarks/quality.py --data DIR_OR_SHARDS [--model NAME_OR_FILE ...] [--set validation]
        [--dial 0:1 0.25:1 0.5:0.8 ...] [--out benchmarks/results/quality.json]
        [--card src/photochrom/weights/embedded/card.toml]

Each picture's largest centred square is shown at 256 pixels. ``--dial`` adds rows at
rebalance:temperature. Every row is produced by the same pipeline as ``photochrom colorize``.
``--card`` writes the first model's figures into the metrics of its card, for the next export, with
those of skin by tone, sky and foliage, and whether it passes the gate of skin tones; ``--people``
names further pictures for these, where the set shows few faces.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photochrom import Colorizer, __version__
from photochrom.cli.judged_model import judged_models
from photochrom.color.colorfulness import colorfulness
from photochrom.color.spaces import rgb_to_lab
from photochrom.data.sources import open_pictures
from photochrom.data.transforms import decode
from photochrom.evaluation.auc import AbErrors
from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.gate import gate_failures
from photochrom.evaluation.regions import GROUPS, MEASURES
from photochrom.evaluation.runner import Trial, run_trial
from photochrom.evaluation.verdict import decide
from photochrom.evaluation.view import View
from photochrom.photo.decode import read

FIGURES = {
    "auc": "AuC",
    "rebalanced_auc": "rebalanced AuC",
    "colorfulness": "colorfulness",
    "colorfulness_difference": "mean colorfulness difference",
    "psnr": "PSNR",
}


class Row:
    """Running figures of one method."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.errors = AbErrors()
        self.colorfulness: list[float] = []
        self.difference: list[float] = []
        self.psnr: list[float] = []
        self.seconds = 0.0

    def add(self, rgb: np.ndarray, truth: np.ndarray, truth_lab: np.ndarray) -> None:
        """Add one picture: ``(3, H, W)`` uint8 and the truth as RGB and Lab."""
        self.errors.add(rgb_to_lab(rgb.astype(np.float32) / 255)[1:], truth_lab[1:])
        cf, cf_true = colorfulness(rgb), colorfulness(truth)
        self.colorfulness.append(cf)
        self.difference.append(abs(cf - cf_true))
        mse = np.square(rgb.astype(np.float32) - truth).mean()
        self.psnr.append(float(10 * np.log10(65025 / mse)) if mse else float("inf"))

    def figures(self) -> dict[str, Any]:
        """The row of the table."""
        psnr = float(np.mean(self.psnr))
        return {
            "method": self.name,
            "auc": self.errors.auc(),
            "rebalanced_auc": self.errors.rebalanced_auc(),
            "colorfulness": float(np.mean(self.colorfulness)),
            "colorfulness_difference": float(np.mean(self.difference)),
            "psnr": psnr if np.isfinite(psnr) else None,
            "milliseconds": 1000 * self.seconds / len(self.psnr),
        }


def square(image: Image.Image, side: int) -> Image.Image:
    """The largest centred square, at ``side`` pixels."""
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    crop = image.crop((left, top, left + edge, top + edge))
    return crop if edge == side else crop.resize((side, side), Image.Resampling.LANCZOS)


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run every method on every picture."""
    methods: list[tuple[Row, Colorizer]] = []
    for model in args.model:
        name = Path(model).stem if Path(model).suffix else model
        methods.append((Row(name), Colorizer(model, size=args.size)))
        for text in args.dial:
            rebalance, temperature = map(float, text.split(":"))
            colorizer = Colorizer(
                model, rebalance=rebalance, temperature=temperature, size=args.size
            )
            methods.append((Row(f"{name} {rebalance:g}:{temperature:g}"), colorizer))
    gray, truth = Row("gray"), Row("truth")
    pictures = open_pictures(args.data)
    count = min(len(pictures), args.limit or len(pictures))
    for index in range(count):
        image = square(decode(pictures.read(index), pictures.name(index)), args.side)
        true = np.asarray(image).transpose(2, 0, 1)
        lab = rgb_to_lab(true.astype(np.float32) / 255)
        photo = read(np.asarray(image.convert("L")))
        gray.add(np.repeat(photo.luma[None], 3, 0), true, lab)
        truth.add(true, true, lab)
        for row, colorizer in methods:
            started = time.perf_counter()
            rgb = colorizer.tint(photo).rgb(0, photo.height)
            row.seconds += time.perf_counter() - started
            row.add(rgb.transpose(2, 0, 1), true, lab)
        if sys.stderr.isatty():
            print(f"\r{index + 1}/{count}", end="", file=sys.stderr)
    rows = [gray.figures(), *(row.figures() for row, _ in methods), truth.figures()]
    return {
        "benchmark": "quality",
        "command": f"python benchmarks/quality.py --data SET --side {args.side}",
        "set": args.set,
        "pictures": count,
        "side": args.side,
        "version": __version__,
        "models": {c.session.card.name: c.session.card.version for _, c in methods},
        "rows": rows,
    }


def measure_regions(args: argparse.Namespace) -> dict[str, Any]:
    """The first model's figures in skin, sky and foliage, and what it fails the gate by."""
    (method,) = judged_models((args.model[0],), size=args.size, calibration=False)
    metrics = tuple(f"{group}-{measure}" for group in GROUPS for measure in MEASURES)
    places = (*args.data, *args.people)
    trial = Trial(places, (method,), metrics, View(args.side), limit=args.limit or 0)
    row = decide(trial, run_trial(trial, jobs=1), {}).row(method.name)
    rows = [
        {
            "group": METRICS[f"{group}-error"].title,
            "pictures": row.figures[f"{group}-error"].pictures,
            **{measure: row.figures[f"{group}-{measure}"].value for measure in MEASURES},
        }
        for group in GROUPS
    ]
    return {"model": method.name, "rows": rows, "failures": gate_failures(row)}


def write_card(path: Path, result: dict[str, Any]) -> None:
    """Replace the [metrics] of a card with the figures of the first model at its defaults."""
    gray, ours, truth = (result["rows"][i] for i in (0, 1, -1))
    lines = [f'"measured on" = "{result["pictures"]:,} {result["set"]} at {result["side"]} px"']
    for key, name in FIGURES.items():
        text = f"{ours[key]:.2f}"
        beside = f"gray {gray[key]:.2f}"
        if truth[key]:
            beside += f", truth {truth[key]:.2f}"
        lines.append(f'"{name}" = "{text} ({beside})"')
    for row in result["regions"]["rows"]:
        if row["error"] is not None:
            lines.append(
                f'"{row["group"]}" = "off by {row["error"]:.1f}, hue by {row["hue"]:.0f} degrees '
                f'({row["pictures"]} pictures)"'
            )
    failures = "; ".join(result["regions"]["failures"]) or "passed"
    lines.append(f'"gate of skin tones" = "{failures}"')
    kept = path.read_text(encoding="utf-8").split("[metrics]")[0]
    path.write_text(kept + "[metrics]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Parse, measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--model", nargs="+", default=["photochrom"])
    parser.add_argument("--dial", nargs="*", default=[])
    parser.add_argument("--people", nargs="*", default=[])
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--size", type=int)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--set", default="validation photographs")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--card", type=Path)
    args = parser.parse_args()
    result = measure(args) | {"regions": measure_regions(args)}
    print(f"{result['pictures']} pictures at {args.side} px")
    print(f"{'method':<28}{'AuC':>8}{'rAuC':>8}{'CF':>8}{'|dCF|':>8}{'PSNR':>8}{'ms':>8}")
    for row in result["rows"]:
        cells = "".join(f"{row[k]:8.2f}" if row[k] is not None else f"{'inf':>8}" for k in FIGURES)
        print(f"{row['method']:<28}{cells}{row['milliseconds']:8.1f}")
    if args.card:
        write_card(args.card, result)
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
