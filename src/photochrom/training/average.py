"""The running average of the weights: what is judged, kept and exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor


class Average:
    """Exponential moving average of ``parameters``, which it follows from step to step."""

    def __init__(
        self,
        parameters: Mapping[str, Tensor],
        *,
        decay: float,
        values: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Begin with ``values``, of an earlier run, or with the parameters as they are.

        A ``decay`` of 0 is no average: the values are the parameters. Raises :class:`KeyError` if
        ``values`` lack one.
        """
        self.parameters, self.decay = dict(parameters), decay
        begin = parameters if values is None else values
        self.values = {k: begin[k].detach().to(p.device).clone() for k, p in parameters.items()}
        self._buffers: dict[str, Tensor] = {}

    def add(self, buffers: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
        """Let ``buffers`` have these values wherever the average is used; they are not averaged."""
        self._buffers = dict(buffers)
        self.values = {k: self.values[k] for k in self.parameters} | dict(values)

    @torch.no_grad()
    def update(self, steps: int) -> None:
        """Follow the parameters after so many earlier steps.

        The memory grows from nothing, so that early weights are forgotten: what was before the
        first step never counts.
        """
        decay = min(self.decay, steps / (9 + steps))
        torch._foreach_lerp_(
            [self.values[k] for k in self.parameters],
            [p.detach() for p in self.parameters.values()],
            1 - decay,
        )

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Parameters and buffers have the average's values inside, their own again afterwards."""
        own = {k: p.detach().clone() for k, p in (self.parameters | self._buffers).items()}
        self._load(self.values)
        try:
            yield
        finally:
            self._load(own)

    @torch.no_grad()
    def _load(self, values: Mapping[str, Tensor]) -> None:
        for key, held in (self.parameters | self._buffers).items():
            held.copy_(values[key])
