"""Members of an ensemble in one graph, fed the same, before anything is made of their answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from photochrom.errors import ModelError
from photochrom.weights.ensembles.graph import JoinedGraph
from photochrom.weights.ensembles.members import INPUTS, OpenedMember, trial_inputs


@dataclass(frozen=True)
class Joined:
    """Members in one graph, not yet blended.

    Attributes: ``given`` are each member's values by their own names; ``largest`` is the member
    with the largest output and ``stride`` input size over that; ``inputs`` and ``multiple`` are
    those of the whole; ``values`` made-up inputs and ``outputs`` the ab that each member made of
    them.
    """

    graph: JoinedGraph
    members: list[OpenedMember]
    given: list[dict[str, str]]
    largest: int
    stride: int
    inputs: tuple[str, ...]
    multiple: int
    values: dict[str, np.ndarray]
    outputs: list[np.ndarray]

    @property
    def size(self) -> tuple[int, ...]:
        """``(height, width)`` of the largest of ``outputs``."""
        size: tuple[int, ...] = self.outputs[self.largest].shape[2:]
        return size

    def aligned(self, values: list[str]) -> list[str]:
        """One value of each member, of its output's size, at the size of the largest."""
        return [
            value
            if found.shape[2:] == self.size
            else self.graph.resize_like(value, values[self.largest])
            for value, found in zip(values, self.outputs, strict=True)
        ]

    def enlarge(self, values: np.ndarray) -> np.ndarray:
        """``(N, C, h, w)`` bilinearly at ``size``, outside of the graph."""
        planes = values.reshape(-1, *values.shape[2:])
        order = (self.size[1], self.size[0])
        resized = [
            np.asarray(Image.fromarray(plane).resize(order, Image.Resampling.BILINEAR))
            for plane in planes
        ]
        return np.stack(resized).reshape(*values.shape[:2], *self.size)

    @staticmethod
    def map_of(planes: int) -> tuple[int | str, ...]:
        """Shape of an output with so many planes: as many pictures, of whatever size."""
        return "batch", planes, "height", "width"

    def model(self, values: dict[str, str], shapes: Mapping[str, tuple[int | str, ...]]) -> Any:
        """The ONNX model whose outputs are ``values``, by name, of these ``shapes``."""
        taken = {n: c for m in self.members for n, c in m.planes.items()}
        sides = (f"{self.multiple}*rows", f"{self.multiple}*columns")
        inputs = {n: ("batch", taken[n], *sides) if n in taken else () for n in self.inputs}
        outputs = {n: shapes[n] for n in values}
        return self.graph.model(inputs, outputs, values)


def join(members: Sequence[OpenedMember]) -> Joined:
    """Put the members into one graph and try each; raises :class:`ModelError` if they cannot be."""
    members = list(members)
    for name in ("lightness", "hints"):
        takers = [m for m in members if name in m.planes]
        for member in takers[1:]:
            if member.planes[name] != takers[0].planes[name]:
                message = (
                    f"{member.label} takes {member.planes[name]} planes of {name}, "
                    f"{takers[0].label} {takers[0].planes[name]}: they cannot be fed the same"
                )
                raise ModelError(message)
    multiple = math.lcm(*(m.card.multiple_of for m in members))
    values = trial_inputs(members, multiple)
    outputs = [m.trial(values, ["ab"])[0] for m in members]
    largest = max(range(len(members)), key=lambda i: outputs[i].shape[-1])
    graph = JoinedGraph(
        max(o.version for m in members for o in m.proto.opset_import if not o.domain)
    )
    given = []
    for i, member in enumerate(members, 1):
        feeds = {name: name for name in member.card.inputs}
        try:
            given.append(graph.attach(member.proto, f"member{i}/", feeds))
        except Exception as error:
            reason = " ".join(str(error).split())[:200]
            message = f"the graph of {member.label} cannot be joined with the others: {reason}"
            raise ModelError(message) from error
    return Joined(
        graph=graph,
        members=members,
        given=given,
        largest=largest,
        stride=values["lightness"].shape[-1] // outputs[largest].shape[-1],
        inputs=tuple(n for n in INPUTS if any(n in m.card.inputs for m in members)),
        multiple=multiple,
        values=values,
        outputs=outputs,
    )
