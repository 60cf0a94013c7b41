"""Reward for colorful pictures: DDColor's answer to dull colors."""

from __future__ import annotations

from torch import Tensor, nn

from photochrom.color.colorfulness import colorfulness
from photochrom.losses.options import require_choice

_TINY = 1e-3


class Colorfulness(nn.Module):
    """``1 - C / 100``, C the colorfulness of Hasler and Suesstrunk (2003), mean over pictures.

    It knows no truth: a picture may always be made more colorful. It is 1 for gray, about 0.6 for
    photographs and below 0 for a picture that is garish. Kang et al. 2023 (DDColor) give it half
    the weight of their adversarial loss, and advise to drop it where blocks of red appear.
    """

    def __init__(self, *, absolute: bool = True) -> None:
        """Choose C's form: of the opponent channels' ``absolute`` values, or the paper's, signed.

        The code of DDColor and of several others takes absolute values, about 3 lower.

        Raises:
            WrongInput: absolute is neither true nor false.
        """
        super().__init__()
        require_choice("absolute", absolute)
        self.absolute = absolute

    def forward(self, predicted: Tensor, true: Tensor) -> dict[str, Tensor]:
        """Judge ``(B, 3, h, w)`` RGB in 0..1; the truth is not looked at."""
        rgb = 255 * predicted.float()
        value = colorfulness(rgb, absolute=self.absolute, tiny=_TINY)
        return {"colorfulness": (1 - value / 100).mean()}


def build(**options: bool) -> Colorfulness:
    """Build the loss from a recipe's options."""
    return Colorfulness(**options)
