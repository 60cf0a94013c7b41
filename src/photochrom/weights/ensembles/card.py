"""What an ensemble says of itself, from the cards of its members."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from photochrom.weights.cards import Member, ModelCard
from photochrom.weights.ensembles.blends import Blend
from photochrom.weights.ensembles.joined import Joined

Dial = tuple[tuple[float, float, float], ...]


def ensemble_card(
    joined: Joined, shares: np.ndarray, blend: Blend, *, name: str, size: int | None
) -> ModelCard:
    """The card of joined members; version and digest are filled in when it is written."""
    cards = [member.card for member in joined.members]
    dial, vividness = shared_dial(cards, shares)
    return ModelCard(
        name=name,
        version="0",
        architecture="ensemble",
        parameters=sum(c.parameters for c in cards) + blend.parameters,
        working_size=size or cards[0].working_size,
        multiple_of=joined.multiple,
        inputs=joined.inputs,
        frames=cards[0].frames,
        dial=dial,
        vividness=vividness,
        summary=f"{blend.kind} of {' and '.join(f'{c.name} {c.version}' for c in cards)}",
        training_data=_joined_text(cards, "training_data"),
        license=_joined_text(cards, "license"),
        limits=_joined_text(cards, "limits"),
        members=tuple(
            Member(c.name, c.version, c.sha256, round(float(share), 6))
            for c, share in zip(cards, shares, strict=True)
        ),
        **blend.facts,
    )


def shared_dial(cards: Sequence[ModelCard], shares: np.ndarray) -> tuple[Dial, float]:
    """One dial for all members, and the default place on it.

    All get the same temperature and rebalance, so where their dials differ, each setting is the
    mean over the members that take it, by their shares: temperatures are averaged as logarithms.
    """
    turned = [(c, s) for c, s in zip(cards, shares, strict=True) if c.dial and s > 0]
    turned = turned or [(c, 1.0) for c in cards if c.dial]
    if not turned:
        return (), 0.5
    vividness = float(np.average([c.vividness for c, _ in turned], weights=[s for _, s in turned]))
    first = turned[0][0]
    if all((c.dial, c.inputs) == (first.dial, first.inputs) for c, _ in turned):
        return first.dial, vividness

    def setting(place: float, name: str, index: int) -> float | None:
        takers = [(c.settings(place)[index], s) for c, s in turned if name in c.inputs]
        if not takers:
            return None
        values, weights = zip(*takers, strict=True)
        if name == "rebalance":
            return float(np.average(values, weights=weights))
        return math.exp(np.average(np.log(values), weights=weights))

    places = sorted({point[0] for c, _ in turned for point in c.dial})
    found = [(p, setting(p, "rebalance", 0), setting(p, "temperature", 1)) for p in places]
    return tuple((p, r or 0.0, 1.0 if t is None else t) for p, r, t in found), vividness


def _joined_text(cards: Sequence[ModelCard], field: str) -> str:
    """What the cards say, once if they agree, else with the members' names."""
    said = list(dict.fromkeys((c.name, str(getattr(c, field))) for c in cards))
    if len({text for _, text in said}) == 1:
        return said[0][1]
    return "; ".join(f"{name}: {text or 'not stated'}" for name, text in said)
