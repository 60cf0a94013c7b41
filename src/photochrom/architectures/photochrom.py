"""``photochrom``: the network of the embedded model.

A pretrained MobileNetV2 sees what the picture shows, its pooled features tell every place what
the whole is, and a decoder of residual blocks with skips brings this to 1/4 size, where a
distribution over color bins is given for each place. Hinted colors join the decoder, so that the
encoder need not run again when a hint is moved. BatchNorm everywhere, because it folds into
the convolutions when the graph is exported.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.architectures.blocks import convolution
from photochrom.architectures.coherence import Coherence
from photochrom.architectures.encoders import Encoder
from photochrom.architectures.hint_pyramid import HintPyramid
from photochrom.architectures.prediction import Prediction


class Residual(nn.Module):
    """Two 3x3 convolutions beside the identity; ``silent`` ones add nothing at first."""

    def __init__(self, channels: int, *, silent: bool = False) -> None:
        super().__init__()
        self.first = convolution(channels, channels, 3)
        norm = nn.BatchNorm2d(channels)
        if silent:
            nn.init.zeros_(norm.weight)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), norm)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, H, W)`` to the same shape."""
        return functional.relu(x + self.second(self.first(x)))


def further_blocks(channels: int, count: int) -> nn.Sequential:
    """``count`` residual blocks that change nothing before they have learned."""
    return nn.Sequential(*(Residual(channels, silent=True) for _ in range(count)))


class Rise(nn.Module):
    """Doubles the size, adds the encoder's map of that size, and refines."""

    def __init__(self, deep: int, skip: int, channels: int) -> None:
        super().__init__()
        self.deep = nn.Conv2d(deep, channels, 1, bias=False)
        self.skip = nn.Conv2d(skip, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.refine = Residual(channels)

    def forward(self, deep: Tensor, skip: Tensor, hinted: Tensor | float) -> Tensor:
        """``(B, deep, h, w)`` and ``(B, skip, H, W)`` to ``(B, channels, H, W)``; hints as that."""
        # Reducing before the upsampling costs a quarter of reducing after it, for the same values.
        rising = functional.interpolate(self.deep(deep), size=skip.shape[-2:], mode="bilinear")
        return self.refine(functional.relu(self.norm(rising + self.skip(skip) + hinted)))


class Photochrom(nn.Module):
    """``(B, 4, H, W)``: L, the hinted a and b, their mask; or L alone; to logits at 1/4 size."""

    frames = 1
    silent_at_first = ("hinted.", "further32.", "further16.")
    """Parts that change nothing before they have learned: older checkpoints may lack them."""

    def __init__(
        self,
        *,
        bins: int,
        widths: tuple[int, int, int, int] = (320, 256, 160, 96),
        further: tuple[int, int] = (0, 0),
        coherence: float = 0.0,
        encoder: str = "mobilenetv2_100",
        pretrained: str = "timm",
        frozen: int = 0,
    ) -> None:
        """``bins`` is Q; ``widths`` the decoder's channels at strides 32, 16, 8 and 4.

        ``further`` residual blocks refine the maps at strides 32 and 16, where what is seen is
        understood and a convolution costs least. They begin silent, so that a network trained
        without them can go on with them (as Goyal et al. 2017 begin each block).

        ``coherence`` is the share by which near places of one lightness decide together, 0..1; see
        :mod:`~photochrom.architectures.coherence`. It has no weights.

        The others as for :class:`~photochrom.architectures.encoders.Encoder`.
        """
        super().__init__()
        self.encoder = Encoder(encoder, pretrained=pretrained, frozen=frozen)
        at4, at8, at16, at32 = self.encoder.channels
        w32, w16, w8, w4 = widths
        self.context = nn.Linear(at32, w32)
        self.bottom = convolution(at32, w32, 1)
        self.deep = convolution(w32, w32, 3)
        self.further32 = further_blocks(w32, further[0])
        self.further16 = further_blocks(w16, further[1])
        self.rise16 = Rise(w32, at16, w16)
        self.rise8 = Rise(w16, at8, w8)
        self.rise4 = Rise(w8, at4, w4)
        self.hinted = HintPyramid((w4, w8, w16, w32), first=4)
        self.coherence = Coherence(coherence) if coherence else None
        self.head = nn.Conv2d(w4, bins, 1)

    def forward(self, lightness: Tensor) -> Prediction:
        """L in 0..100, hints in Lab units beside their 0 or 1, to logits ``(B, Q, H/4, W/4)``.

        No size is refused: odd ones are rounded up.
        """
        f4, f8, f16, f32 = self.encoder(lightness[:, : self.frames])
        h4, h8, h16, h32 = self._hints(lightness)
        whole = torch.relu(self.context(f32.mean((2, 3))))
        x = self.deep(self.bottom(f32) + whole[:, :, None, None] + h32)
        x = self.further16(self.rise16(self.further32(x), f16, h16))
        x = self.rise4(self.rise8(x, f8, h8), f4, h4)
        if self.coherence is not None:
            x = self.coherence(x, lightness[:, :1])
        return Prediction(logits=self.head(x))

    def _hints(self, lightness: Tensor) -> list[Tensor] | list[float]:
        hints = lightness[:, self.frames :]
        return self.hinted(hints) if hints.shape[1] else [0.0] * 4


def build(*, bins: int = 193, **options: object) -> Photochrom:
    """Build the network; ``bins`` as in the model's bin system."""
    return Photochrom(bins=bins, **options)  # type: ignore[arg-type]
