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
from photochrom.data.draws import Draws
from photochrom.data.film_config import Film
from photochrom.data.film_stocks import EYE, expose, meter


def film_lightness(rgb: Tensor, lightness: Tensor, draws: Draws, film: Film) -> Tensor:
    """Replace the lightness of a share of the pictures by what a film would show.

    Args:
        rgb: sRGB ``(B, 3, H, W)`` in 0..1.
        lightness: its L ``(B, 1, H, W)`` in 0..100, which pictures that are not filmed keep.
        draws: the pictures' random numbers.
        film: probability and strengths.

    Returns:
        ``(B, 1, H, W)`` in 0..100.
    """
    if not film.probability:
        return lightness
    weights = film_response.draw_weights(draws, response=film.response)
    # A share of 0..1 for each effect, 0 for the pictures that it does not happen to.
    share = draws.uniform(10, 1, 1, 1).movedim(1, 0)
    happens = draws.uniform(10, 1, 1, 1).movedim(1, 0) < film.damage
    share, happens = share.to(rgb), happens.to(rgb.device)
    center = (draws.uniform(2, 1, 1) - 0.5).to(rgb) * 0.6
    noise = draws.normal(*lightness.shape[1:]).to(rgb)
    filmed = (draws.uniform(1, 1, 1) < film.probability).to(rgb.device)
    drawn = share * happens

    with full_precision(rgb):
        exposure = expose(rgb, weights)
        brightness = expose(rgb, torch.tensor([EYE])).mean((1, 2, 3), keepdim=True)
        exposure = meter(exposure, brightness)
        exposure = film_damage.vignette(exposure, film.vignette * drawn[0], center)
        exposure = film_damage.blur(exposure, film.blur * drawn[1], largest=film.blur)
        seen = luma_to_lightness(linear_rgb_to_rgb(exposure))
        toe, shoulder = (torch.exp((2 * share[i] - 1) * happens[i] * film.tone) for i in (2, 3))
        seen = film_response.tone(seen, toe, shoulder)
        seen = film_damage.grain(seen, noise, film.grain * drawn[4], share[9])
        # Prints lose more of their blacks than of their whites.
        black, white = 50 * film.fading * drawn[6], 100 - 40 * film.fading * drawn[7]
        seen = film_response.fade(seen, black, white)
        seen = film_damage.scratch(seen, draws, film.scratches * drawn[5])
        # Clipped before and after, as in a file.
        quality = 100 - (100 - film.jpeg) * drawn[8]
        seen = torch.where(
            quality < 100, film_damage.compress(seen.clamp(0, 100), quality), seen
        ).clamp(0, 100)
    return torch.where(filmed, seen, lightness)
