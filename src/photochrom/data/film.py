"""Old photographs from new ones: the lightness that a film, a print and a scan would show.

A black-and-white photograph is not the L of Lab. Emulsions see other mixes of red, green and blue
than the eye (early ones no red at all), papers have toes and shoulders, prints fade, lenses and
scanners add their own. A network that trains on this sees what it will be given.
"""

from __future__ import annotations

import torch
from torch import Tensor

from photochrom.color.arrays import full_precision
from photochrom.color.spaces import linear_rgb_to_rgb, luma_to_lightness
from photochrom.data import film_damage, film_response
from photochrom.data.film_config import Film


def film_lightness(
    rgb: Tensor, lightness: Tensor, generator: torch.Generator, film: Film
) -> Tensor:
    """Replace the lightness of a share of the pictures by what a film would show.

    Args:
        rgb: sRGB ``(B, 3, H, W)`` in 0..1.
        lightness: its L ``(B, 1, H, W)`` in 0..100, which pictures that are not filmed keep.
        generator: source of the draws, on the CPU whatever the device, so that runs repeat.
        film: probability and strengths.

    Returns:
        ``(B, 1, H, W)`` in 0..100.
    """
    if not film.probability:
        return lightness
    count = len(rgb)
    weights = film_response.draw_weights(count, generator, response=film.response)
    # A share of 0..1 for each effect, 0 for half of the pictures.
    share = torch.rand(10, count, 1, 1, 1, generator=generator)
    happens = torch.rand(10, count, 1, 1, 1, generator=generator) < 0.5
    share, happens = share.to(rgb), happens.to(rgb.device)
    center = (torch.rand(count, 2, 1, 1, generator=generator) - 0.5).to(rgb) * 0.6
    noise = torch.randn(lightness.shape, generator=generator).to(rgb)
    filmed = (torch.rand(count, 1, 1, 1, generator=generator) < film.probability).to(rgb.device)
    drawn = share * happens

    with full_precision(rgb):
        exposure = film_response.expose(rgb, weights)
        eye = torch.tensor([film_response.EYE]).expand(count, 3)
        brightness = film_response.expose(rgb, eye).mean((1, 2, 3), keepdim=True)
        exposure = film_response.meter(exposure, brightness)
        exposure = film_damage.vignette(exposure, film.vignette * drawn[0], center)
        exposure = film_damage.blur(exposure, film.blur * drawn[1])
        seen = luma_to_lightness(linear_rgb_to_rgb(exposure))
        toe, shoulder = (torch.exp((2 * share[i] - 1) * happens[i] * film.tone) for i in (2, 3))
        seen = film_response.tone(seen, toe, shoulder)
        seen = film_damage.grain(seen, noise, film.grain * drawn[4], share[9])
        # Prints lose more of their blacks than of their whites.
        black, white = 50 * film.fading * drawn[6], 100 - 40 * film.fading * drawn[7]
        seen = film_response.fade(seen, black, white)
        seen = film_damage.scratch(seen, generator, film.scratches * drawn[5])
        # Clipped before and after, as in a file.
        quality = 100 - (100 - film.jpeg) * drawn[8]
        seen = torch.where(
            quality < 100, film_damage.compress(seen.clamp(0, 100), quality), seen
        ).clamp(0, 100)
    return torch.where(filmed, seen, lightness)
