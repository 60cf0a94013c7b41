"""Learns a few crops by heart: the check that a network, loss and rate can learn at all."""

from __future__ import annotations

import dataclasses
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from photochrom.architectures.cards import NETWORKS
from photochrom.architectures.frame_stack import as_stack
from photochrom.architectures.prediction import Prediction
from photochrom.data.own_results import remark_on
from photochrom.training.allocation import keep_freed_memory
from photochrom.training.batches import StagedCrops, loader_of
from photochrom.training.config import AdversarialConfig, DataConfig, Recipe
from photochrom.training.interruption import stop_signals
from photochrom.training.loop import Run
from photochrom.training.pictures import chosen_pictures, split_of
from photochrom.training.processes import build_fabric, one_line_errors
from photochrom.training.progress import ProgressLine
from photochrom.training.run_folder import run_folder
from photochrom.training.samples import draw_samples
from photochrom.training.task import ColorizationTask
from photochrom.training.timeline import Timeline
from photochrom.training.validation import Validation

ENOUGH = 0.05
"""Share of the first loss above the floor that may be left when the crops count as learned."""


@dataclass(frozen=True)
class Overfit:
    """How it went: the losses of the first step, the last pass, and the least possible one.

    ``evaluated`` is the loss in evaluation mode, with the running statistics of BatchNorm.
    """

    crops: int
    steps: int
    first: float
    loss: float
    evaluated: float
    floor: float
    picture: Path

    @property
    def left(self) -> float:
        """Share of the first step's loss above the floor that is left."""
        return (self.loss - self.floor) / max(self.first - self.floor, 1e-9)

    @property
    def learned(self) -> bool:
        """Whether that is little enough."""
        return self.left <= ENOUGH

    def verdict(self) -> str:
        """One line for people."""
        numbers = (
            f"loss {self.loss:.4f}, floor {self.floor:.4f}, excess {self.loss - self.floor:.4f} "
            f"({100 * self.left:.1f} % of the first; {100 * ENOUGH:.0f} % is enough); "
            f"{self.evaluated:.4f} in evaluation mode"
        )
        known = "learned by heart" if self.learned else "NOT learned"
        crops = "1 crop" if self.crops == 1 else f"{self.crops} crops"
        return f"{crops} {known} after {self.steps:,} steps: {numbers}"


def overfit(
    recipe: Recipe,
    data: list[str],
    out: Path,
    *,
    crops: int,
    steps: int,
    progress: ProgressLine,
    device: str = "auto",
) -> Overfit:
    """Train on so many fixed crops until the loss is near its floor, for at most so many steps.

    Nothing that hinders learning by heart takes part, or makes it easy: no variation, weight decay,
    averaging, dropout or critic, and no hints. ``out`` receives ``overfit.jpg`` and nothing else;
    errors as for :func:`~photochrom.training.loop.train`.
    """
    keep_freed_memory()
    pictures = chosen_pictures(recipe, data)
    if pictures.own_results:
        progress.say(remark_on(pictures.own_results))
    # Bins and network are those of the run that is to come: of all pictures.
    trained, judged = split_of(pictures, recipe)
    crops = min(crops, len(trained))
    plain = _without_hindrance(recipe, crops, steps)
    chosen, _ = split_of(pictures, plain)
    timeline = Timeline(plain, multiple_of=NETWORKS[recipe.network.name].multiple_of)
    fabric = build_fabric(recipe.training.precision, device=device, devices=1, nodes=1)
    fabric.launch()
    with one_line_errors(out, fabric), run_folder(out), tempfile.TemporaryDirectory() as folder:
        staged = StagedCrops(timeline, {plain.data.limit: chosen})
        run = Run(fabric, staged, trained, judged, Path(folder), {})
        run.logbook.close()
        _without_dropout(run.task)
        shown = Validation(chosen, size=plain.data.size, seed=plain.seed).first(crops)
        shown = shown.to(fabric.device)
        found = _learn(run, shown, progress)
        run.task.eval()
        picture = out / "overfit.jpg"
        with torch.no_grad(), fabric.autocast():
            evaluated = run.task(shown)["loss"].item()
            draw_samples(run.task, shown, picture)
    return dataclasses.replace(found, evaluated=evaluated, picture=picture)


def _without_hindrance(recipe: Recipe, crops: int, steps: int) -> Recipe:
    batch = min(crops, recipe.training.batch_size)
    training = dataclasses.replace(
        recipe.training,
        images=steps * batch,
        batch_size=batch,
        weight_decay=0.0,
        ema=0.0,
        schedule="constant",
        warmup=min(20 / steps, 1.0),
        keep="last",
    )
    # All that is not named has its default: no variation. Hints would tell the colors.
    data = DataConfig(
        size=recipe.data.size, smallest_crop=1.0, stretch=1.0, flip=False,
        validation=recipe.data.validation, limit=crops, workers=0, hinted=0.0,
    )  # fmt: skip
    return dataclasses.replace(
        recipe, training=training, data=data, stages=[], resizing=None,
        adversarial=AdversarialConfig(),
    )  # fmt: skip


def _without_dropout(task: nn.Module) -> None:
    for module in task.modules():
        for name in ("p", "drop_prob"):
            if "drop" in type(module).__name__.lower() and hasattr(module, name):
                setattr(module, name, 0.0)


def _learn(run: Run, shown: Tensor, progress: ProgressLine) -> Overfit:
    """Step until the last pass over the crops is near the floor, or the steps are used up."""
    floor = loss_floor(run.task, shown)
    run.enter(0)
    settings = run.recipe.training
    batches = iter(run.fabric.setup_dataloaders(loader_of(run.crops, position=0, rank=0, world=1)))
    passed: deque[float] = deque(maxlen=-(-len(shown) // settings.batch_size))
    found = Overfit(len(shown), 0, 0.0, 0.0, 0.0, floor, Path())
    name = f"{run.recipe.name}, {len(shown)} crops"
    with progress.running(name, 0, settings.images), stop_signals() as stop:
        for number, step in enumerate(run.timeline.steps(0), 1):
            passed.append(run.step(step, batches)["loss"])
            loss = sum(passed) / len(passed)
            first = loss if number <= len(passed) else found.first
            found = dataclasses.replace(found, steps=number, first=first, loss=loss)
            progress.update(step.end, {"loss": loss, "excess": loss - floor})
            if stop.is_set() or (number >= len(passed) and found.learned):
                break
    return found


class _Free(nn.Module):
    """Predicts what it likes, whatever it sees: every pixel's output is a parameter."""

    def __init__(self, like: Prediction) -> None:
        super().__init__()
        self.names = [f.name for f in dataclasses.fields(like) if getattr(like, f.name) is not None]
        self.outputs = nn.ParameterList(
            torch.zeros(getattr(like, name).shape, device=getattr(like, name).device)
            for name in self.names
        )

    def forward(self, lightness: Tensor) -> Prediction:
        return Prediction(**dict(zip(self.names, self.outputs, strict=True)))


def loss_floor(task: ColorizationTask, rgb: Tensor, *, iterations: int = 100) -> float:
    """The least loss that any network could have on ``(B, 3, H, W)`` uint8 crops.

    Found by letting every output pixel be free and minimizing, to about a thousandth, whatever the
    loss is; for cross-entropy with soft targets it is the entropy of the targets. The task is left
    in evaluation mode.
    """
    network = task.network
    task.eval()
    try:
        with torch.no_grad():
            lightness = torch.zeros_like(rgb[:, :1], dtype=torch.float32)
            task.network = _Free(network(as_stack(lightness, task.frames)))
        optimizer = torch.optim.LBFGS(
            task.network.parameters(), max_iter=iterations, line_search_fn="strong_wolfe",
            tolerance_grad=1e-9, tolerance_change=1e-12,
        )  # fmt: skip

        def closure() -> float:
            optimizer.zero_grad()
            loss = task(rgb)["loss"]
            loss.backward()
            return float(loss.item())

        optimizer.step(closure)  # type: ignore[no-untyped-call]
        with torch.no_grad():
            return float(task(rgb)["loss"].item())
    finally:
        task.network = network
