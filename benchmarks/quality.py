"""Quality of models on pictures whose colors are known, beside gray and the truth.

    python benchmarks/quality.py --data DIR_OR_SHARDS [--model NAME_OR_FILE ...] [--set validation]
        [--part all|choosing|kept] [--dial 0:1 0.25:1 0.5:0.8 ...] [--features MOBILENET]
        [--out benchmarks/results/quality.json] [--card src/photochrom/weights/embedded/card.toml]

What `photochrom evaluate` finds of the figures that README and the model's card show, at 256
pixels. Each set has a result of its own: quality.json is of the first, quality-NAME.json of others.
``--part`` takes three quarters of a set, to choose ideas by, or the quarter that is kept for what
was chosen: see ``parts.py``. KID is measured where ``--features`` is a file of the weights of
MobileNetV2, timm's "mobilenetv2_100". ``--dial`` adds rows at rebalance:temperature. ``--card``
writes the first model's figures into the metrics of its card, for the next export, with those of
skin by tone, sky and foliage, and whether it passes the gate of skin tones; ``--people`` names
further pictures for these, where the set shows few faces.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from parts import PARTS, PartOfTrial
from saving import save

from photochrom import __version__
from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.gate import gate_failures
from photochrom.evaluation.methods import GRAY, TRUTH, Guess
from photochrom.evaluation.regions import GROUPS, MEASURES
from photochrom.evaluation.runner import run_trial
from photochrom.evaluation.verdict import Verdict, decide
from photochrom.evaluation.view import View
from photochrom.judging.models import judged_models

FIGURES = {
    "auc": "AuC",
    "rebalanced-auc": "rebalanced AuC",
    "colorfulness": "colorfulness",
    "colorfulness-difference": "mean colorfulness difference",
    "brown-ratio": "brown beside the truth",
    "sector-distance": "hue distance",
    "blotches": "blotches",
    "kid": "KID",
    "psnr": "PSNR",
}
BACKBONE = "mobilenetv2_100"
"""What KID looks through: no loss of ours does."""


@dataclass(frozen=True)
class Mirrored:
    """Opens a method that colors a picture and its mirror image, and takes the mean of both."""

    plain: Callable[[], Callable[[np.ndarray], Guess]]

    def __call__(self) -> Callable[[np.ndarray], Guess]:
        """Open, in the process that judges."""
        colorize = self.plain()

        def both(gray: np.ndarray) -> Guess:
            one, other = colorize(gray).rgb, colorize(np.ascontiguousarray(gray[:, ::-1])).rgb
            mean = (one.astype(np.uint16) + other[..., ::-1] + 1) // 2
            return Guess(mean.astype(np.uint8))

        return both


def judge(
    models: Sequence[str],
    places: Sequence[str],
    *,
    view: View | None = None,
    size: int | None = None,
    limit: int = 0,
    part: str = "all",
    mirrored: bool = False,
    features: Path | None = None,
) -> Verdict:
    """The verdict on models (as for ``photochrom evaluate``) in the figures above.

    KID only where ``features`` is the file of the weights that it needs.
    """
    methods = judged_models(tuple(models), size=size, calibration=False)
    if mirrored:
        methods = tuple(replace(method, open=Mirrored(method.open)) for method in methods)
    metrics = tuple(key for key in FIGURES if features or key != "kid")
    trial = PartOfTrial(
        tuple(places),
        methods,
        metrics,
        view or View(),
        limit=limit,
        options={"kid": {"backbone": BACKBONE, "path": str(features)}} if features else {},
        part=part,
    )
    return decide(trial, run_trial(trial, jobs=os.cpu_count() or 1), {})


def judge_regions(
    model: str,
    places: Sequence[str],
    *,
    view: View | None = None,
    size: int | None = None,
    limit: int = 0,
    part: str = "all",
) -> dict[str, Any]:
    """A model's figures in skin, sky and foliage, and what it fails the gate by."""
    (method,) = judged_models((model,), size=size, calibration=False)
    metrics = tuple(f"{group}-{measure}" for group in GROUPS for measure in MEASURES)
    trial = PartOfTrial(tuple(places), (method,), metrics, view or View(), limit=limit, part=part)
    row = decide(trial, run_trial(trial, jobs=os.cpu_count() or 1), {}).row(method.name)
    rows = [
        {
            "group": METRICS[f"{group}-error"].title,
            "pictures": row.figures[f"{group}-error"].pictures,
            **{measure: row.figures[f"{group}-{measure}"].value for measure in MEASURES},
        }
        for group in GROUPS
    ]
    return {"model": method.name, "rows": rows, "failures": gate_failures(row)}


def as_result(verdict: Verdict, args: argparse.Namespace) -> dict[str, Any]:
    """What the tables are made from."""
    rows = [
        {"method": row.method.replace("@", " "), "milliseconds": row.milliseconds}
        | {key.replace("-", "_"): figure.value for key, figure in row.figures.items()}
        | {f"{k.replace('-', '_')}_interval": [f.low, f.high] for k, f in row.figures.items()}
        for row in verdict.rows
    ]
    rows[-1]["psnr"] = None  # the truth beside itself: the metric ends at 100
    models = [row for row in verdict.rows if row.method not in (GRAY, TRUTH)]
    return {
        "benchmark": "quality",
        "command": f"python benchmarks/quality.py --data SET --side {args.side}"
        + f" --part {args.part}" * (args.part != "all"),
        "set": args.set,
        "pictures": verdict.pictures,
        "side": args.side,
        "version": __version__,
        "models": {row.method.partition("@")[0]: row.facts["version"] for row in models},
        "rows": rows,
    }


def write_card(path: Path, verdict: Verdict, regions: dict[str, Any], set_name: str) -> None:
    """Replace the [metrics] of a card with the figures of the first model at its defaults."""
    gray, ours, truth = (verdict.rows[i].figures for i in (0, 1, -1))
    where = f"{verdict.pictures:,} {set_name} at {verdict.side} px; ± half of the 95 % interval"
    lines = [f'"measured on" = "{where}"']
    for key in verdict.metrics:
        name = FIGURES[key]
        beside = f"gray {gray[key].value:.2f}"
        if truth[key].value and key != "psnr":
            beside += f", truth {truth[key].value:.2f}"
        low, high = ours[key].low, ours[key].high
        spread = "" if low is None or high is None else f" ± {(high - low) / 2:.2f}"
        lines.append(f'"{name}" = "{ours[key].value:.2f}{spread} ({beside})"')
    lines += [
        f'"{row["group"]}" = "off by {row["error"]:.1f}, hue by {row["hue"]:.0f} degrees '
        f'({row["pictures"]} pictures)"'
        for row in regions["rows"]
        if row["error"] is not None and row["hue"] is not None
    ]
    lines.append(f'"gate of skin tones" = "{"; ".join(regions["failures"]) or "passed"}"')
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
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--set", default="validation photographs")
    parser.add_argument("--part", choices=PARTS, default="all")
    parser.add_argument("--features", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--card", type=Path)
    args = parser.parse_args()
    models = [text for m in args.model for text in (m, *(f"{m}@{dial}" for dial in args.dial))]
    chosen = {"view": View(args.side), "size": args.size, "limit": args.limit, "part": args.part}
    verdict = judge(models, args.data, **chosen, features=args.features)
    regions = judge_regions(args.model[0], [*args.data, *args.people], **chosen)
    result = as_result(verdict, args) | {"regions": regions}
    print(f"{verdict.pictures} pictures at {args.side} px")
    titles = "".join(f"{METRICS[key].title:>10}" for key in verdict.metrics)
    print(f"{'method':<28}{titles}{'ms':>8}")
    for row in verdict.rows:
        values = [row.figures[key].value for key in verdict.metrics]
        cells = "".join(f"{'–' if v is None else f'{v:.3f}':>10}" for v in values)
        print(f"{row.method:<28}{cells}{row.milliseconds or 0:8.1f}")
    if args.card:
        write_card(args.card, verdict, regions, args.set)
    save(result, args.out)


if __name__ == "__main__":
    main()
