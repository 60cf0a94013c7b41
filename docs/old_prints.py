"""Photographs as old film and paper show them: made of free ones, for real ones are not ours."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.cbook import get_sample_data
from PIL import Image, ImageOps
from skimage import data

from photochrom.color.spaces import lightness_to_luma, rgb_to_lab
from photochrom.data.draws import Draws
from photochrom.data.film import film_lightness
from photochrom.data.film_config import Film

FILM = Film(
    probability=1, damage=0.9, tone=0.3, vignette=0.35, blur=1.2, grain=5, fading=0.3,
    scratches=0.4, jpeg=100,
)  # fmt: skip
SEPIA = ("#20160c", "#f2e4c8")
"""Black and white of a toned print."""


def old_print(image: Image.Image, seed: int, *, toned: bool = False) -> Image.Image:
    """What became of an RGB image on old film, by the imitation that training uses; L or RGB."""
    rgb = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None] / 255
    seen = film_lightness(rgb, rgb_to_lab(rgb)[:, :1], Draws([seed]), FILM)
    luma = lightness_to_luma(seen)[0, 0].numpy()
    gray = Image.fromarray(np.rint(255 * luma).clip(0, 255).astype(np.uint8))
    return ImageOps.colorize(gray, *SEPIA) if toned else gray


def old_prints() -> list[Image.Image]:
    """A print toned sepia and two on plain paper, by lot but for that."""
    with get_sample_data("grace_hopper.jpg") as file:
        hopper = Image.open(file).convert("RGB")
    taken = [hopper, Image.fromarray(data.chelsea()), Image.fromarray(data.rocket())]
    return [old_print(image, seed, toned=image is hopper) for seed, image in enumerate(taken, 1)]
