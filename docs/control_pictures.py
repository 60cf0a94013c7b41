"""Pictures of what hints, references, palettes and alternatives do, for ``docs/pictures.py``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from skimage import data

from photochrom import Colorizer
from photochrom.inference.alternatives import find_alternatives
from photochrom.inference.confidence import confidence_of
from photochrom.inference.hints import Hint
from photochrom.photo.decode import read

HEIGHT = 220
BLUE = "#2f6fb0"
HINTS = (
    Hint("20%", "60%", BLUE),
    Hint("73%", "58%", BLUE),
    Hint("47%", "36%", "#7a5230"),
    *(Hint(x, y, "#8a6a45") for x, y in (("92%", "25%"), ("90%", "64%"), ("7%", "40%"))),
)
PALETTE = "#1f6f78,#e08a3c"
CURVE = "hints-curve.png"


def gray(name: str) -> Image.Image:
    """One of scikit-image's color photographs, made gray."""
    return original(name).convert("L")


def original(name: str) -> Image.Image:
    """One of scikit-image's color photographs."""
    return Image.fromarray(np.asarray(getattr(data, name)())[..., :3])


def marked(image: Image.Image, hints: tuple[Hint, ...]) -> Image.Image:
    """The image with a dot of its color at each hint's place."""
    shown = image.convert("RGB")
    draw = ImageDraw.Draw(shown)
    for hint in hints:
        x, y = hint.place(image.height, image.width)
        radius = image.height / 28
        for wider, color in ((4, "white"), (0, hint.color)):
            reach = radius + wider
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=color)
    return shown


def control_rows(model: str) -> dict[str, list[Image.Image]]:
    """By the name of a picture, the images in its row."""
    plain = Colorizer(model)
    coffee, astronaut = gray("coffee"), gray("astronaut")
    photo = read(astronaut)
    others = find_alternatives(plain, photo, 3)
    sure = Image.fromarray(np.rint(255 * confidence_of(plain, photo)).astype(np.uint8))
    reference = original("rocket")
    like = Colorizer(model, reference=reference)
    two = Colorizer(model, palette=PALETTE)
    return {
        "hints": [marked(coffee, HINTS), plain(coffee), plain(coffee, hints=HINTS)],
        "reference": [reference, plain(astronaut), like(astronaut), two(astronaut)],
        "alternatives": [
            plain(astronaut),
            *(plain(astronaut, hints=one.hints) for one in others),
            sure.resize(astronaut.size, Image.Resampling.BILINEAR).convert("RGB"),
        ],
    }


def draw_curve(result: Path, out: Path) -> None:
    """The gain of hints over their number, from what ``benchmarks/hints.py`` wrote."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows = json.loads(result.read_text(encoding="utf-8"))["rows"]
    figure, axes = plt.subplots(figsize=(6, 3.4), dpi=110, layout="constrained")
    for dial in dict.fromkeys(row["dial"] for row in rows):
        own = [row for row in rows if row["dial"] == dial]
        numbers, psnr, spread = (
            [row[key] for row in own] for key in ("points", "psnr", "gain_interval")
        )
        axes.errorbar(range(len(numbers)), psnr, spread, marker="o", capsize=3, label=dial)
        axes.set_xticks(range(len(numbers)), [str(number) for number in numbers])
    axes.set(xlabel="true colors told, at random places", ylabel="PSNR, dB")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(out, metadata={"Software": None})
    plt.close(figure)
