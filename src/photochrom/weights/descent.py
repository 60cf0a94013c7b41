"""What a model that was trained on from another one says of itself."""

from __future__ import annotations

import dataclasses
from typing import Any

from photochrom.weights.cards import Ancestor, ModelCard
from photochrom.weights.models import MODELS


def descended(
    card: ModelCard, ancestor: ModelCard, *, pictures: int | None, other_name: str = ""
) -> ModelCard:
    """The ``card`` of a fine-tuned model with what its ``ancestor`` says, extended.

    ``pictures`` is how many were trained on, if that is known; ``other_name`` what to call it where
    the card's name is its ancestor's or that of a model of photochrom. Measured figures are not
    inherited: they are of other weights. The dial is, where the graph takes the same inputs and
    rare colors were weighted alike.
    """
    origin = f"{ancestor.name} {ancestor.version}"
    data = ancestor.training_data or f"{ancestor.images:,} crops of pictures that are not stated"
    count = "" if pictures is None else f"{pictures:,} "
    license_ = ancestor.license or "not stated"
    same = card.inputs == ancestor.inputs and _weighting(card) == _weighting(ancestor)
    return dataclasses.replace(
        card,
        name=_free_name([card.name, other_name], {ancestor.name, *MODELS}),
        version=f"{ancestor.version}+{card.images}",
        working_size=ancestor.working_size,
        dial=ancestor.dial if same and ancestor.dial else card.dial,
        vividness=ancestor.vividness if same and ancestor.dial else card.vividness,
        summary=ancestor.summary or card.summary,
        training_data=f"{data}; then, on from {origin}, {card.images:,} crops of {count}more "
        "pictures, which are not described",
        license=f"{license_} ({origin}); that of the pictures added is not stated",
        limits=ancestor.limits,
        ancestor=Ancestor(ancestor.name, ancestor.version, ancestor.sha256),
    )


def _free_name(names: list[str], taken: set[str]) -> str:
    """The first name that is not taken, made longer where all are."""
    for name in filter(None, names):
        if name not in taken:
            return name
    return _free_name([f"{names[0]}-tuned"], taken)


def _weighting(card: ModelCard) -> Any:
    """How much rare colors counted in training: what the dial begins from."""
    return card.recipe.get("loss", {}).get("cross-entropy", {}).get("uniform", 1.0)
