"""Learns what to make of several models' colors: the last stage of an ensemble."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from photochrom.architectures.prediction import shrink
from photochrom.color.scale import CENTERED
from photochrom.color.spaces import rgb_to_lab
from photochrom.data.check import check_pictures
from photochrom.data.dataset import Crops
from photochrom.data.own_results import remark_on
from photochrom.data.pictures import Pictures
from photochrom.data.sources import open_pictures
from photochrom.data.split import split
from photochrom.data.transforms import NONE, Augmentation
from photochrom.errors import DataError, ModelError
from photochrom.training.interruption import stop_signals
from photochrom.training.progress import ProgressLine
from photochrom.weights.ensembles.card import shared_dial
from photochrom.weights.ensembles.joined import join
from photochrom.weights.ensembles.members import OpenedMember
from photochrom.weights.ensembles.stack import Stack
from photochrom.weights.onnx_file import runtime

WIDTH = 32
BATCH = 8
RATE = 1e-3
HELD_OUT = 100
"""Pictures to judge by, at most; and at most a fifth of all."""


class StackNetwork(nn.Module):
    """Three 3x3 convolutions over lightness and the members' ab; what they say is added to the
    mean. The last starts at zero, so that learning starts from the plain mean.
    """

    shares: Tensor

    def __init__(self, shares: np.ndarray, width: int = WIDTH) -> None:
        """``shares`` are the members' in the mean, summing to one."""
        super().__init__()
        self.register_buffer("shares", torch.tensor(shares, dtype=torch.float32))
        widths = [1 + 2 * len(shares), width, width, 2]
        self.layers = nn.ModuleList(
            nn.Conv2d(taken, given, 3, padding=1) for taken, given in itertools.pairwise(widths)
        )
        for parameter in self.layers[-1].parameters():
            nn.init.zeros_(parameter)

    def mean(self, colors: Tensor) -> Tensor:
        """The members' ab ``(N, 2 * members, h, w)`` to their weighted mean ``(N, 2, h, w)``."""
        return torch.einsum("nmchw,m->nchw", by_member(colors), self.shares)

    def forward(self, lightness: Tensor, colors: Tensor) -> Tensor:
        """Lightness ``(N, 1, H, W)`` and ab ``(N, 2 * members, h, w)`` to ab ``(N, 2, h, w)``."""
        seen = CENTERED.lightness_in(shrink(lightness, colors))
        value = torch.cat([seen, CENTERED.ab_in(colors)], 1)
        for place, layer in enumerate(self.layers):
            value = layer(value if place == 0 else functional.relu(value))
        change: Tensor = CENTERED.ab_out(value)
        return self.mean(colors) + change


def by_member(colors: Tensor) -> Tensor:
    """``(N, 2 * members, h, w)`` to ``(N, members, 2, h, w)``."""
    return colors.reshape(len(colors), -1, 2, *colors.shape[2:])


class FrozenMembers:
    """The members in ONNX Runtime: from lightness to all their colors."""

    def __init__(self, members: Sequence[OpenedMember], shares: np.ndarray) -> None:
        """Where they have a dial it is turned to its safest place: there they are calibrated."""
        joined = join(members)
        self.names = [f"{m.card.name} {m.card.version}" for m in members]
        self.multiple = joined.multiple
        dial, _ = shared_dial([m.card for m in members], shares)
        _, rebalance, temperature = dial[0] if dial else (0.0, 0.0, 1.0)
        given = {"rebalance": rebalance, "temperature": temperature}
        self._scalars = {
            n: np.asarray(v, np.float32) for n, v in given.items() if n in joined.inputs
        }
        self._hints = "hints" in joined.inputs
        if joined.values["lightness"].shape[1] != 1:
            message = "a stack is learned on single pictures; these models take several frames"
            raise ModelError(message)
        colors = joined.aligned([names["ab"] for names in joined.given])
        shapes = {"colors": joined.map_of(2 * len(members))}
        side_by_side = joined.graph.add("Concat", *colors, axis=1)
        proto = joined.model({"colors": side_by_side}, shapes)
        self._session = runtime(proto.SerializeToString())

    def colors(self, lightness: Tensor) -> Tensor:
        """``(N, 1, H, W)`` in 0..100 to ab ``(N, 2 * members, h, w)``."""
        feed: dict[str, Any] = {"lightness": lightness.numpy(), **self._scalars}
        if self._hints:
            feed["hints"] = np.zeros((len(lightness), 3, *lightness.shape[2:]), np.float32)
        return torch.from_numpy(self._session.run(["colors"], feed)[0])


@dataclass(frozen=True)
class LearnedStack:
    """What was learned: ``errors`` are those of gray, every member, their mean and the stack on
    ``held_out`` pictures: the root of the mean squared distance in ab, Lab units.
    """

    stack: Stack
    images: int
    held_out: int
    errors: dict[str, float]

    def report(self) -> list[str]:
        """Lines for people."""
        width = max(map(len, self.errors))
        lines = [
            f"learned from {self.images:,} crops; root mean squared error of ab on {self.held_out} "
            "held-out pictures:",
            *(f"  {name:<{width}} {value:7.3f}" for name, value in self.errors.items()),
        ]
        if self.errors["learned stack"] >= self.errors["mean color"]:
            lines.append(
                "the stack is no nearer to the truth than the mean: leave out --learn, or learn "
                "from more pictures"
            )
        return lines


def learn_stack(
    members: Sequence[OpenedMember],
    shares: np.ndarray,
    data: Sequence[str],
    *,
    progress: ProgressLine,
    images: int = 5000,
    size: int | None = None,
    seed: int = 0,
) -> LearnedStack:
    """Learn from pictures in color what to add to the mean of frozen members.

    SIGINT and SIGTERM end it early; what was learned until then is returned.

    Args:
        members: two or more.
        shares: theirs in the mean, summing to one.
        data: folders of pictures, shards, or public sets.
        progress: where it is shown.
        images: random crops to learn from.
        size: side of the crops; by default that at which the first member sees pictures.
        seed: of the first weights, the crops, and which pictures are held out.

    Raises:
        DataError: no pictures, gray ones, or fewer than five.
        ModelError: members that cannot be joined.
    """
    frozen = FrozenMembers(members, shares)
    side = size or members[0].card.working_size
    side = max(1, round(side / frozen.multiple)) * frozen.multiple
    pictures = open_pictures(data)
    if len(pictures) < 5:
        message = f"{len(pictures)} pictures are too few: at least 5 are needed, one to judge by"
        raise DataError(message)
    if pictures.own_results:
        progress.say(remark_on(pictures.own_results))
    for remark in check_pictures(pictures, size=side, seed=seed):
        progress.warn(remark)
    learned, judged = split(pictures, validation=min(HELD_OUT, len(pictures) // 5), seed=seed)
    torch.manual_seed(seed)
    network = StackNetwork(shares)
    crops = Crops(learned, size=side, augmentation=Augmentation(), seed=seed)
    done = _learn(network, frozen, crops, images, progress)
    errors = stack_errors(network, frozen, judged, size=side)
    facts = {
        "images": done,
        "recipe": {"size": side, "width": WIDTH, "batch": BATCH, "rate": RATE, "seed": seed},
        "metrics": {f"ab error, {name}": round(value, 3) for name, value in errors.items()}
        | {"held-out pictures": len(judged)},
    }
    return LearnedStack(as_stack(network, facts), done, len(judged), errors)


def as_stack(network: StackNetwork, facts: dict[str, Any]) -> Stack:
    """The network as an ensemble takes it."""

    @torch.no_grad()
    def run(lightness: np.ndarray, colors: np.ndarray) -> np.ndarray:
        result: np.ndarray = network(torch.from_numpy(lightness), torch.from_numpy(colors)).numpy()
        return result

    arrays = [[p.detach().numpy() for p in layer.parameters()] for layer in network.layers]
    return Stack([(kernel, bias) for kernel, bias in arrays], run, facts)


def _learn(
    network: StackNetwork, frozen: FrozenMembers, crops: Crops, images: int, progress: ProgressLine
) -> int:
    """Step through the crops; returns how many there were before the end or a signal."""
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    position = 0
    with progress.running("stack", 0, images), stop_signals() as stop:
        for rgb in DataLoader(crops, BATCH, sampler=range(images)):
            if stop.is_set():
                break
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 + math.cos(math.pi * position / images)) / 2
            lightness, colors, truth = _pair(frozen, rgb)
            loss = (network(lightness, colors) - truth).square().sum(1).mean()
            optimizer.zero_grad()
            (loss / CENTERED.ab_span**2).backward()
            optimizer.step()
            position += len(rgb)
            progress.update(position, {"ab error": math.sqrt(loss.item())})
    return position


def _pair(frozen: FrozenMembers, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Lightness, the members' colors, and the true ab at their size, of ``(N, 3, H, W)`` uint8."""
    lab = rgb_to_lab(rgb.float() / 255)
    colors = frozen.colors(lab[:, :1].contiguous())
    return lab[:, :1], colors, shrink(lab[:, 1:], colors)


@torch.no_grad()
def stack_errors(
    network: StackNetwork, frozen: FrozenMembers, pictures: Pictures, *, size: int
) -> dict[str, float]:
    """Root mean squared ab distance, Lab units, of gray, each member, their mean, and the stack.

    On each picture's largest centered square at ``size`` pixels, at the members' output size.
    """
    crops = Crops(pictures, size=size, augmentation=NONE, seed=0)
    squares: dict[str, float] = {}
    for rgb in DataLoader(crops, BATCH, sampler=range(len(pictures))):
        lightness, colors, truth = _pair(frozen, rgb)
        for name, ab in _answers(network, frozen, lightness, colors):
            found = (ab - truth).square().sum(1).mean((1, 2)).sum().item()
            squares[name] = squares.get(name, 0.0) + found
    return {name: math.sqrt(value / len(pictures)) for name, value in squares.items()}


def _answers(
    network: StackNetwork, frozen: FrozenMembers, lightness: Tensor, colors: Tensor
) -> Iterator[tuple[str, Tensor]]:
    yield "gray", torch.zeros_like(colors[:, :2])
    members = by_member(colors).unbind(1)
    for number, (name, ab) in enumerate(zip(frozen.names, members, strict=True), 1):
        yield (name if frozen.names.count(name) == 1 else f"{name} ({number})"), ab
    yield "mean color", network.mean(colors)
    yield "learned stack", network(lightness, colors)
