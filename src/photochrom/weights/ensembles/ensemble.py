"""Several models as one: a single ONNX file that any command takes as ``--model``."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import WrongInput
from photochrom.weights.cards import ModelCard
from photochrom.weights.ensembles.blends import Blending, mean_of_ab
from photochrom.weights.ensembles.card import ensemble_card
from photochrom.weights.ensembles.joined import Joined, join
from photochrom.weights.ensembles.members import OpenedMember
from photochrom.weights.onnx_file import make_folder, runtime, sign, write_model
from photochrom.weights.parity import check_difference

PARITY = 0.01
"""Largest difference in ab, Lab units, between the file and its members blended by hand."""


@dataclass(frozen=True)
class WrittenEnsemble:
    """What was written: ``parity`` is the largest ab difference from the members blended by hand;
    ``bytes`` the file's size.
    """

    path: Path
    card: ModelCard
    parity: float
    bytes: int


def write_ensemble(
    members: Sequence[OpenedMember],
    out: Path,
    *,
    weights: Sequence[float] | None = None,
    size: int | None = None,
    name: str | None = None,
    blending: Blending = mean_of_ab,
) -> WrittenEnsemble:
    """Write models as one, checked against what they give one by one.

    Every member sees the picture at the same size; smaller answers are resized bilinearly to the
    largest. The weights of the members stay as they are stored.

    Args:
        members: two or more, see :func:`photochrom.weights.ensembles.members.open_member`.
        out: the file.
        weights: the members' shares, from 0 up, of any sum; equal ones by default.
        size: shorter side at which the ensemble sees a picture; the first member's by default.
        name: what the ensemble's card calls it; the file's by default.
        blending: what becomes of the members' answers; the mean color by default.

    Raises:
        WrongInput: weights that do not fit, fewer than two members, a size out of range.
        ModelError: members that cannot be fed the same, or a result that differs from theirs.
    """
    shares = member_shares(weights, len(members))
    if size is not None and not 32 <= size <= 2048:
        message = f"size must be between 32 and 2048, not {size}"
        raise WrongInput(message)
    for member in members:
        if out.exists() and out.samefile(member.path):
            message = f"{out} is a member itself; give the ensemble another name"
            raise WrongInput(message)
    make_folder(out)
    joined = join(members)
    blend = blending(joined, shares)
    shapes = {"ab": joined.map_of(2), "confidence": joined.map_of(1), **blend.shapes}
    proto = joined.model(blend.outputs, shapes)
    parity = _difference(proto, joined, blend.expected)
    check_difference(parity, PARITY, of="the ensemble, beside its members,")
    card = ensemble_card(joined, shares, blend, name=name or out.stem, size=size)
    card = sign(proto, card)
    # The version changes whenever the weights do.
    card = sign(proto, dataclasses.replace(card, version=card.sha256[:8]))
    data = proto.SerializeToString()
    write_model(data, out)
    return WrittenEnsemble(out, card, parity, len(data))


def member_shares(weights: Sequence[float] | None, count: int) -> np.ndarray:
    """Weights as shares that sum to one, equal by default; raises :class:`WrongInput`."""
    if count < 2:
        message = f"an ensemble needs two models or more, not {count}"
        raise WrongInput(message)
    if weights is None:
        return np.full(count, 1 / count)
    if len(weights) != count:
        message = f"{count} models need {count} weights, not {len(weights)}"
        raise WrongInput(message)
    for weight in weights:
        if not 0 <= weight < math.inf:
            message = f"weights must be numbers from 0 up, not {weight:g}"
            raise WrongInput(message)
    if not sum(weights) > 0:
        message = "weights must not all be 0"
        raise WrongInput(message)
    shares: np.ndarray = np.asarray(weights, dtype=np.float64) / sum(weights)
    return shares


def _difference(proto: Any, joined: Joined, expected: np.ndarray) -> float:
    session = runtime(proto.SerializeToString())
    found = session.run(["ab"], {name: joined.values[name] for name in joined.inputs})[0]
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.abs(found - expected).max())
