"""How a picture is shown to a judge: one size for all, in color and in gray."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from photochrom.data.film_stocks import STOCKS, gray_on
from photochrom.errors import WrongInput
from photochrom.registry import suggestion


@dataclass(frozen=True)
class View:
    """Square views of ``side`` pixels.

    ``fit`` "crop" takes the largest centred square, "stretch" the whole picture out of its shape,
    as several papers do. ``film`` is the stock that makes the gray, one of
    :data:`~photochrom.data.film_stocks.STOCKS`; "" is the eye's.
    """

    side: int = 256
    fit: str = "crop"
    film: str = ""

    def __post_init__(self) -> None:
        """Raise :class:`WrongInput` for a view that cannot be."""
        if not 32 <= self.side <= 2048:
            message = f"the side must be between 32 and 2048 pixels, not {self.side}"
            raise WrongInput(message)
        if self.fit not in ("crop", "stretch"):
            message = f"fit must be crop or stretch, not {self.fit!r}"
            raise WrongInput(message)
        if self.film and self.film not in STOCKS:
            message = f"no film is called {self.film!r}; {suggestion(self.film, STOCKS)}"
            raise WrongInput(message)

    def of(self, image: Image.Image) -> tuple[np.ndarray, np.ndarray]:
        """RGB ``(3, side, side)`` and its gray ``(side, side)``, both uint8, of an RGB image."""
        box = (0, 0, *image.size)
        if self.fit == "crop":
            edge = min(image.size)
            left, top = (image.width - edge) // 2, (image.height - edge) // 2
            box = (left, top, left + edge, top + edge)
        seen = image.crop(box)
        if seen.size != (self.side, self.side):
            seen = seen.resize((self.side, self.side), Image.Resampling.LANCZOS)
        rgb = np.asarray(seen).transpose(2, 0, 1)
        return rgb, gray_on(self.film, rgb) if self.film else np.asarray(seen.convert("L"))
