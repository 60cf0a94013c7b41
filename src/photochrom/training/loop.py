"""The training loop, top to bottom."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from photochrom.architectures.cards import NETWORKS
from photochrom.data.check import check_pictures
from photochrom.data.draws import Draws
from photochrom.data.own_results import remark_on
from photochrom.data.pictures import Pictures
from photochrom.errors import ModelError
from photochrom.training.adversary import Phase, build_adversary
from photochrom.training.allocation import keep_freed_memory
from photochrom.training.average import Average
from photochrom.training.batches import StagedCrops, loader_of, next_batch
from photochrom.training.config import Recipe
from photochrom.training.contact import ROWS, draw_contact
from photochrom.training.divergence import check_finite, check_weights
from photochrom.training.epochs import KeptEpochs
from photochrom.training.interruption import stop_signals
from photochrom.training.logbook import Logbook, write_facts
from photochrom.training.optimizer import build_optimizer, enter_stage, set_rates, to_training_mode
from photochrom.training.origin import (
    ancestor_of,
    build_task,
    fingerprint,
    saved_run,
    start_from,
)
from photochrom.training.pictures import chosen_pictures, split_of
from photochrom.training.processes import Fabric, agreed, build_fabric, first_alone, one_line_errors
from photochrom.training.progress import ProgressLine
from photochrom.training.run_folder import RunResult, run_folder
from photochrom.training.samples import draw_samples
from photochrom.training.settling import just_seen, settle
from photochrom.training.timeline import Part, Step, Timeline
from photochrom.training.validation import Validation
from photochrom.weights.checkpoints import part as part_of
from photochrom.weights.checkpoints import restore, save_checkpoint
from photochrom.weights.models import CHECKPOINT

SAMPLES = 32


def train(
    recipe: Recipe,
    data: list[str],
    out: Path,
    *,
    progress: ProgressLine,
    device: str = "auto",
    devices: int = 1,
    nodes: int = 1,
) -> RunResult:
    """Train ``recipe`` on folders or shards; continue where ``out`` holds a checkpoint.

    Ctrl-C (SIGINT) and SIGTERM end the step in hand, save, and return. With several ``devices``
    or ``nodes`` the calling program is started once for each, and shares the work of every step.

    Raises:
        RecipeError: the recipe is impossible, or not the one of the run in ``out``.
        DataError: there are no pictures, or others than the run in ``out`` was trained on.
        ModelError: a checkpoint is damaged or does not fit.
        TrainingError: a loss is not finite, or the run cannot be written; what was saved is intact.
    """
    keep_freed_memory()
    timeline = Timeline(recipe, multiple_of=NETWORKS[recipe.network.name].multiple_of)
    pictures = chosen_pictures(recipe, data)
    recipes = {r.data.limit: r for r in (recipe, *(s.recipe for s in timeline.stages))}
    parts = {limit: split_of(pictures, r) for limit, r in recipes.items()}
    trained, judged = parts[recipe.data.limit]
    fabric = build_fabric(recipe.training.precision, device=device, devices=devices, nodes=nodes)
    fabric.launch()
    if not fabric.is_global_zero:
        progress.silence()
    if pictures.own_results:
        progress.say(remark_on(pictures.own_results))
    with one_line_errors(out, fabric), run_folder(out):
        if not (out / CHECKPOINT).is_file() and fabric.is_global_zero:
            for remark in check_pictures(trained, size=recipe.data.size, seed=recipe.seed):
                progress.say(remark)
        crops = StagedCrops(timeline, {limit: pair[0] for limit, pair in parts.items()})
        run = Run(fabric, crops, trained, judged, out, fingerprint(pictures))
        if run.is_new and fabric.is_global_zero:
            write_facts(out, recipe, data, pictures=len(trained), validation=len(judged))
        result = run.go(progress)
        if result.finished and recipe.training.keep == "every" and len(judged):
            sheet = out / "contact.jpg"
            first_alone(fabric, lambda: draw_contact(out, sheet, run.validation.first(ROWS)))
        return result


class Run:
    """State of one run: network, optimizer, averaged parameters, position."""

    def __init__(
        self,
        fabric: Fabric,
        crops: StagedCrops,
        trained: Pictures,
        judged: Pictures,
        out: Path,
        pictures: dict[str, Any],
    ) -> None:
        self.fabric, self.crops, self.out = fabric, crops, out
        self.timeline, self.recipe = crops.timeline, crops.timeline.recipe
        self.checkpoint = out / CHECKPOINT
        tensors, facts = saved_run(self.checkpoint, self.recipe, pictures)
        self.position: int = facts.get("images", 0)
        # Also one that is to become longer than it was begun for.
        known = facts.get("recipe", {}).get("training", {}).get("images")
        self.is_new = self.position == 0 or known != self.timeline.images
        torch.manual_seed(self.recipe.seed)
        self.task = build_task(self.recipe, trained, tensors)
        for stage in self.timeline.stages:
            for size in sorted(self.timeline.sizes(stage)):
                self.task.check_size(size)
        self.task.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.parameters = {k: p for k, p in self.task.named_parameters() if p.requires_grad}
        self.optimizer = build_optimizer(self.task, self.recipe.training)
        fabric.to_device(self.task)
        self.adversary = build_adversary(fabric, self.recipe)
        if tensors is None:
            start_from(self.task, self.recipe, trained)
            facts = {"ancestor": ancestor_of(self.recipe)}
            self.average = Average(self.parameters, decay=self.recipe.training.ema)
        else:
            try:
                ema = restore(tensors, task=self.task, optimizer=self.optimizer)
                decay = self.recipe.training.ema
                self.average = Average(self.parameters, decay=decay, values=ema)
                if self.adversary is not None:
                    self.adversary.restore(part_of(tensors, "adversary"))
            except (RuntimeError, KeyError, ValueError) as error:
                message = f"{self.checkpoint} holds another network than the recipe's"
                raise ModelError(message) from error
        self.validation = Validation(
            judged, size=self.timeline.stages[-1].recipe.data.size, seed=self.recipe.seed
        )
        self.about = {"pictures": pictures, "ancestor": facts.get("ancestor")}
        best = facts.get("best")
        self.kept = KeptEpochs(out, self.recipe, best, judged=len(judged), about=self.about)
        self.logbook = Logbook(
            out, start=self.position, recent=facts.get("recent"), writes=fabric.is_global_zero
        )
        once = len(trained) * self.recipe.data.variants
        self.epoch = self.recipe.training.epoch_images or once
        self.stage = self.settled = -1

    def go(self, progress: ProgressLine) -> RunResult:
        """Run to the recipe's number of images or until asked to stop."""
        fabric = self.fabric
        loader = loader_of(
            self.crops, position=self.position, rank=fabric.global_rank, world=fabric.world_size
        )
        batches = iter(fabric.setup_dataloaders(loader, use_distributed_sampler=False))
        saved_at, unsaved = time.monotonic(), self.position == 0
        name, images = self.recipe.name, self.timeline.images
        with closing(self.logbook), progress.running(name, self.position, images):
            for text in self.task.cautions:
                progress.warn(text)
            with stop_signals() as stop:
                for step in self.timeline.steps(self.position):
                    if step.stage != self.stage:
                        self.enter(step.stage)
                    self.advance(step, batches, progress)
                    unsaved = True
                    if self.timeline.reports_after(step, self.epoch):
                        first_alone(fabric, lambda: self._report(progress))
                    due = time.monotonic() - saved_at > 60 * self.recipe.training.checkpoint_minutes
                    stopping, due = agreed(fabric, stop.is_set(), due)
                    if due and not stopping:
                        first_alone(fabric, self._save)
                        saved_at, unsaved = time.monotonic(), False
                    if stopping:
                        break
            if unsaved:
                first_alone(fabric, self._save)
        finished = self.position >= images
        losses, best, file = self.logbook.recent(), self.kept.best, self.kept.best_file()
        return RunResult(self.position, finished, losses, self.checkpoint, best, file)

    def advance(self, step: Step, batches: Iterator[Tensor], progress: ProgressLine) -> None:
        """One step and what belongs to it: average, position, records."""
        found = self.step(step, batches)
        self.logbook.add(found)
        # A step of the critic alone leaves the network as it is.
        if "loss" in found:
            self.average.update(step.start // self.recipe.training.batch_size)
        self.position = step.end
        progress.update(self.position, self.logbook.recent())

    def enter(self, stage: int) -> None:
        """Begin a stage: what learns may change, so Fabric looks at the network again."""
        self.stage = stage
        self.settings = self.timeline.stages[stage].recipe.training
        enter_stage(self.optimizer, self.task, self.settings)
        self.model, self.stepper = self.fabric.setup(self.task, self.optimizer)

    def step(self, step: Step, batches: Iterator[Tensor]) -> dict[str, float]:
        """One batch: rate, then for each of its parts forward and backward, then clip and step."""
        fabric, adversary = self.fabric, self.adversary
        set_rates(self.optimizer, self.settings, factor=step.rate)
        parts = self.timeline.parts(step, rank=fabric.global_rank, world=fabric.world_size)
        phase = adversary.enter(step.start / self.timeline.images, self.task) if adversary else None
        totals: dict[str, Tensor] = {}
        for part in parts:
            crops, draws = next_batch(batches), self._draws(part)
            if adversary and phase is Phase.CRITIC:
                adversary.look(self.task, crops, draws)
                adversary.learn(share=part.weight)
                continue
            with fabric.no_backward_sync(self.model, enabled=part is not parts[-1]):
                losses = self.model(crops, draws)
                # The processes' gradients are averaged, so their weights must sum to their number.
                fabric.backward(losses["loss"] * (part.weight * fabric.world_size))
            for key, value in losses.items():
                totals[key] = totals.get(key, 0.0) + value.detach().float() * part.weight
            if adversary and phase is Phase.GAN:
                adversary.learn(share=part.weight)
        if adversary and phase is Phase.CRITIC:
            return adversary.step(phase)
        found = self._learn(totals, step)
        return found | adversary.step(phase) if adversary and phase is Phase.GAN else found

    def _draws(self, part: Part) -> Draws:
        """Random numbers of a part: of its positions alone, so that a resumed run continues."""
        positions, seed = [place.position for place in part.places], self.recipe.seed
        torch.manual_seed(seed * 1_000_033 + positions[0])
        return Draws([seed * 1_000_003 + position for position in positions])

    def _learn(self, totals: dict[str, Tensor], step: Step) -> dict[str, float]:
        """Clip the gradients, change the weights; returns the loss and its parts over the batch."""
        fabric = self.fabric
        values = torch.stack(list(totals.values()))
        if fabric.world_size > 1:
            values = fabric.all_reduce(values, reduce_op="sum")
        norm = fabric.clip_gradients(
            self.model,
            self.stepper,
            max_norm=self.settings.clip or float("inf"),
            error_if_nonfinite=False,
        )
        *means, norm = torch.cat([values, norm.reshape(1)]).tolist()
        found = dict(zip(totals, means, strict=True))
        first = fabric.is_global_zero
        check_finite(found | {"gradient": norm}, step, self.crops, self.checkpoint, writes=first)
        self.stepper.step()
        self.stepper.zero_grad(set_to_none=True)
        return found

    def _settle(self) -> None:
        """Measure the statistics of BatchNorm that go with the average as it is now."""
        if self.stage >= 0 and self.settled != self.position:
            seen = just_seen(self.crops, self.position, self.stage, self._draws)
            with self.fabric.autocast():
                settle(self.average, self.task, seen)
            self.settled = self.position

    def _report(self, progress: ProgressLine) -> None:
        """At the end of an epoch: validation, a row, a sheet of samples, all with the average."""
        self._settle()
        self.task.eval()
        with self.average.in_place(), self.fabric.autocast():
            values = self.validation.judge(self.task, self.fabric.device)
            if values:
                first = self.validation.first(SAMPLES).to(self.fabric.device)
                draw_samples(self.task, first, self.out / f"samples-{self.position:09d}.jpg")
        to_training_mode(self.task, self.settings)
        self.kept.add(self.position, values, task=self.task, ema=self.average.values)
        self.logbook.record(self.position, **values)
        progress.note(self.position, self.logbook.recent() | values)
        if remark := self.validation.remark(values):
            progress.warn(remark)

    def _save(self) -> None:
        check_weights(self.parameters, self.position, self.checkpoint)
        self._settle()
        facts = self.about | {
            "images": self.position,
            "recipe": self.recipe.to_dict(),
            "recent": self.logbook.memory(),
            "best": self.kept.best,
        }
        save_checkpoint(
            self.checkpoint,
            task=self.task,
            ema=self.average.values,
            optimizer=self.optimizer,
            facts=facts,
            adversary=None if self.adversary is None else self.adversary.state(),
        )
