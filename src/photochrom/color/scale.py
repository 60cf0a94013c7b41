"""How networks scale lightness and ab: the only place where such numbers are typed."""

from __future__ import annotations

from dataclasses import dataclass

from photochrom.color.arrays import Array


@dataclass(frozen=True)
class Scale:
    """``(L - center) / span`` and ``(ab - center) / span``; a fact on every network's card."""

    lightness_center: float = 50.0
    lightness_span: float = 50.0
    ab_span: float = 110.0
    ab_center: float = 0.0

    def lightness_in(self, L: Array) -> Array:
        """L 0..100 to what the network takes."""
        return (L - self.lightness_center) / self.lightness_span

    def ab_in(self, ab: Array) -> Array:
        """Ab in Lab units to what the network takes or gives."""
        return (ab - self.ab_center) / self.ab_span

    def ab_out(self, ab_scaled: Array) -> Array:
        """What the network gives to ab in Lab units."""
        return ab_scaled * self.ab_span + self.ab_center


CENTERED = Scale()
"""L to -1..1, ab / 110: our own networks."""

ZHANG = Scale(lightness_center=50.0, lightness_span=100.0, ab_span=110.0)
"""Zhang et al. 2016 and 2017: (L - 50) / 100, ab / 110."""

UNIT = Scale(lightness_center=0.0, lightness_span=100.0, ab_span=128.0)
"""L to 0..1, ab / 128: the documents that say "normalized"."""

BYTES = Scale(lightness_center=0.0, lightness_span=100.0, ab_span=255.0, ab_center=-128.0)
"""L to 0..1, ab + 128 over 255: those who keep a and b in bytes."""
