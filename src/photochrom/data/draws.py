"""Random numbers for a batch, each picture's from its own seed.

However a batch is parted, among steps, processes or machines, every picture meets the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Draws:
    """Numbers for a batch of pictures, on the CPU whatever the device, so that runs repeat."""

    def __init__(self, seeds: Sequence[int]) -> None:
        """``seeds`` has one for each picture."""
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __len__(self) -> int:
        return len(self.generators)

    def twins(self, count: int) -> list[Draws]:
        """``count`` draws that meet the same numbers; the last is this one."""
        states = [generator.get_state() for generator in self.generators]
        copies = [Draws([0] * len(self)) for _ in range(count - 1)]
        for copy in copies:
            for generator, state in zip(copy.generators, states, strict=True):
                generator.set_state(state)
        return [*copies, self]

    def uniform(self, *shape: int) -> Tensor:
        """``(B, *shape)`` in 0..1."""
        return torch.stack([torch.rand(shape, generator=g) for g in self.generators])

    def normal(self, *shape: int) -> Tensor:
        """``(B, *shape)``, mean 0, standard deviation 1."""
        return torch.stack([torch.randn(shape, generator=g) for g in self.generators])
