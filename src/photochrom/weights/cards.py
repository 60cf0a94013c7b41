"""What a trained model says about itself: the card inside every exported file."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photochrom.errors import ModelError

FORMAT = "photochrom-model-1"
METADATA_KEY = "photochrom"

DISTRIBUTION = ("logits", "centers", "prior")
"""Outputs of a graph over bins of ab that say how probable each color is."""

DECISION = "decision"
"""And which one to show, where that was fitted: see :mod:`photochrom.color.decision`."""


@dataclass(frozen=True)
class Member:
    """A model inside an ensemble: ``name``, ``version`` and ``sha256`` are those of its own card;
    ``weight`` is its share of the mean, 0..1.
    """

    name: str
    version: str
    sha256: str
    weight: float


@dataclass(frozen=True)
class Ancestor:
    """The model that a fine-tuned one began with, by what its own card says."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class ModelCard:
    """Facts about a model file.

    Attributes:
        name: what ``--model`` and provenance call it.
        version: changes whenever the weights do.
        architecture: name of the network.
        parameters: number of trained values.
        working_size: shorter side, in pixels, at which the network sees a picture.
        multiple_of: height and width that the network takes are multiples of this.
        inputs: names of the graph's inputs.
        dial: points ``(vividness, rebalance, temperature)`` by rising vividness 0..1: the measured
            frontier from safe to vivid. Empty for models without these inputs.
        vividness: the default place on the dial.
        training_data, license, limits: for people.
        metrics: measured figures by name, with how they were measured.
        recipe: the resolved recipe that trained it.
        images: crops that the training had seen when these weights were saved.
        sha256: of the weights, over names and values in order.
        frames: consecutive frames that it sees at once, the middle one of which it colors.
        members: of an ensemble: the models that it is made of. Empty for others.
        ancestor: of a fine-tuned model: the one that it began with. None for others.
    """

    name: str
    version: str
    architecture: str
    parameters: int
    working_size: int
    multiple_of: int
    inputs: tuple[str, ...]
    dial: tuple[tuple[float, float, float], ...] = ()
    vividness: float = 0.5
    summary: str = ""
    training_data: str = ""
    license: str = ""
    limits: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    images: int = 0
    sha256: str = ""
    frames: int = 1
    members: tuple[Member, ...] = ()
    ancestor: Ancestor | None = None

    def to_json(self) -> str:
        """The card as JSON, as written into the file."""
        return json.dumps({"format": FORMAT, **dataclasses.asdict(self)})

    @classmethod
    def from_json(cls, text: str, source: str) -> ModelCard:
        """Read a card; raises :class:`ModelError` naming ``source`` if it is not one of ours."""
        try:
            values = json.loads(text)
            if values.pop("format") != FORMAT:
                raise KeyError("format")
            values["inputs"] = tuple(values["inputs"])
            values["dial"] = tuple(tuple(map(float, point)) for point in values["dial"])
            values["members"] = tuple(Member(**m) for m in values.get("members", ()))
            ancestor = values.pop("ancestor", None)
            return cls(**values, ancestor=Ancestor(**ancestor) if ancestor else None)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{source} carries no card that this version of photochrom can read"
            raise ModelError(message) from error

    def settings(self, vividness: float) -> tuple[float, float]:
        """``(rebalance, temperature)`` at a place 0..1 on the dial, between its points."""
        if not self.dial:
            return 0.0, 1.0
        places, rebalances, temperatures = zip(*self.dial, strict=True)
        rebalance = float(np.interp(vividness, places, rebalances))
        return rebalance, float(np.interp(vividness, places, temperatures))
