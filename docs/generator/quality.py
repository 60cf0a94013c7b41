"""How good the colors are: the tables of quality, of the dial, and of skin, sky and foliage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.markdown import figure, table, with_interval
from photochrom import load_model

Result = Mapping[str, Any]

QUALITY_NOTES = """\
*AuC* is the share of pixels whose color lies within a distance of the truth, averaged over
distances 0 to 150 in Lab's ab plane; *rebalanced* counts rare colors as much as frequent ones
(Zhang et al. 2016). *Colorfulness* is the signed form of Hasler and Süsstrunk (2003): closest to
the truth is best; *difference* is the mean difference for each picture. *Brown* compares how much
is orange to brown with the truth: 1 is right, above it is a wash of sepia. *Hue distance* is how
much of the area would have to change its hue to have all hues as often as the truth. *Blotches*
says how much color changes where the lightness does not: closest to the truth is best. *KID* says
how far the results, as a set, are from real photographs: 0 is best (Binkowski et al. 2018, features
of MobileNetV2, times 1,000; a result is never compared with its own truth). PSNR is printed because
others print it: gray scores as well as good colorizers do, so it cannot rank them. A row named
`a:b` is the dial set by hand to rebalance a and temperature b. ± is half of the 95 % interval over
pictures; all rows are measured on the same ones, so that two can differ by less and differ surely.
"""
CHOSEN_HERE = """\
The steps of the dial were chosen on these pictures, and training saw others of the same sources:
the figures flatter. On wild pictures, from sources that no training set contains, they are lower.
"""
WILD_NOTES = """\
The *wild* set: photographs from sources that no training set contains. 66 are those that papers on
pictures have measured by for decades (BSDS, Kodak, McMaster), 13 are of towns, 40 are Unsplash's,
200 COCO's and 125 ImageNet's: of these three, training has seen other pictures, from elsewhere.
From now on ideas are chosen by three quarters of the set (333), and the rest (111) is kept for the
last row alone, that of the model that was taken. A rule says which those are: of the keys, in order
of their SHA-256, the first quarter (`benchmarks/quality.py --part choosing`, `--part kept`).
"""
KEPT_NOTES = """\
The quarter of the wild set that is kept back, measured once for each version.
"""
EVERYDAY_NOTES = """\
A set of its own, for the first is rich in landscapes: things and people from COCO, Flickr8k and
collections of human actions, of professions, of streets and of daily life in South Asia. The last
runs of training, of 828,000 crops, saw none of these pictures; the runs before them had them among
404,000 others and saw each about twice.
"""
PORTRAITS_NOTES = """\
Drawn by lot from UTKFace: faces of all ages and origins that fill the picture. No
training saw these pictures, nor were they looked at to choose anything; some 2,600 others of that
collection were trained on, and a few of them may show the same people. Here skin is skin: in the
mixed sets above the rule that finds it by its color takes sand, wood and sunsets for it, too.
"""
_COLUMNS = {
    "auc": ("AuC", 2),
    "rebalanced_auc": ("rebalanced AuC", 2),
    "colorfulness": ("colorfulness", 1),
    "colorfulness_difference": ("difference", 1),
    "brown_ratio": ("brown", 2),
    "sector_distance": ("hue distance", 3),
    "blotches": ("blotches", 2),
    "kid": ("KID", 1),
    "psnr": ("PSNR, dB", 2),
}
"""Titles and digits; what a set was not measured by has no column."""


def quality_section(result: Result) -> str:
    """Every row: gray, the model at each setting that was measured, the truth."""
    return _section(result, [(row["method"], row) for row in result["rows"]])


def dial_sections(result: Result, wild: Result | None) -> str:
    """The dial on the pictures that it was chosen on and, where measured, on wild ones."""
    found = dial_section(result)
    return found if wild is None else f"{found}\n{CHOSEN_HERE}\n{dial_section(wild)}"


def dial_section(result: Result) -> str:
    """Gray, the first model along its dial of vividness, the truth."""
    rows = {row["method"]: row for row in result["rows"]}
    name = next(iter(result["models"]))
    chosen = [("gray", rows["gray"])] if "gray" in rows else []
    card = load_model(name).card
    for vividness, rebalance, temperature in card.dial:
        usual = vividness == card.vividness
        row = rows.get(name if usual else f"{name} {rebalance:g}:{temperature:g}")
        if row is not None:
            chosen.append((f"vividness {vividness:g}" + ", the default" * usual, row))
    return _section(result, chosen + [("truth", rows["truth"])] * ("truth" in rows))


def _section(result: Result, rows: Sequence[tuple[str, Result]]) -> str:
    versions = ", ".join(f"model `{name}`, version {v}" for name, v in result["models"].items())
    pictures = f"{result['pictures']:,} {result['set']}"
    shown = {key: c for key, c in _COLUMNS.items() if any(key in row for _, row in rows)}
    head = ["", *(title for title, _ in shown.values())]
    cells = [[name, *(_cell(row, k, d) for k, (_, d) in shown.items())] for name, row in rows]
    line = f"{pictures}, {result['side']} × {result['side']} pixels; {versions}.\n"
    return f"{line}\n{table(head, cells, numbers=len(shown))}"


def _cell(row: Result, key: str, digits: int) -> str:
    low, high = row.get(f"{key}_interval", (None, None))
    return with_interval(row.get(key), low, high, digits)


def regions_section(regions: Result) -> str:
    """Skin by tone, sky and foliage, and what the gate says."""
    head = ["regions", "pictures", "ab distance", "hue, degrees", "chroma to the truth's"]
    rows = [
        [row["group"], f"{row['pictures']:,}"]
        + [figure(row[key], d) for key, d in (("error", 1), ("hue", 0), ("chroma", 2))]
        for row in regions["rows"]
    ]
    failures = "; ".join(regions["failures"])
    gate = f"does not pass the gate: {failures}" if failures else "passes the gate"
    return (
        f"In skin by tone, sky and foliage `{regions['model']}` {gate}.\n\n"
        f"{table(head, rows, numbers=4)}"
    )
