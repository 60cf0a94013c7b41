"""The training loop, top to bottom: the only file that knows Lightning Fabric."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from photochrom.backbones.torchvision_operators import declare_torchvision_operators
from photochrom.data.check import check_pictures
from photochrom.data.dataset import Crops, Positions
from photochrom.data.pictures import Pictures
from photochrom.data.statistics import ab_histogram, bin_prior
from photochrom.data.transforms import NONE
from photochrom.errors import ModelError, RecipeError
from photochrom.training.adversary import Phase, build_adversary
from photochrom.training.allocation import keep_freed_memory
from photochrom.training.config import Recipe
from photochrom.training.interruption import ignore_interrupts, stop_signals
from photochrom.training.logbook import Logbook, write_facts
from photochrom.training.pictures import training_crops, training_pictures
from photochrom.training.progress import ProgressLine
from photochrom.training.samples import draw_samples
from photochrom.training.schedule import rate_factor
from photochrom.training.task import ColorizationTask, choose_bins
from photochrom.weights.checkpoints import part, read_checkpoint, restore, save_checkpoint

declare_torchvision_operators()
from lightning.fabric import Fabric  # noqa: E402

STATISTICS_PICTURES = 4000
SAMPLES = 32
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class RunResult:
    """Where a run ended: images seen, whether all were, the last losses, the checkpoint."""

    images: int
    finished: bool
    losses: dict[str, float]
    checkpoint: Path


def train(
    recipe: Recipe, data: list[str], out: Path, *, progress: ProgressLine, device: str = "auto"
) -> RunResult:
    """Train ``recipe`` on folders or shards; continue where ``out`` holds a checkpoint.

    Ctrl-C (SIGINT) and SIGTERM end the step in hand, save, and return.
    """
    keep_freed_memory()
    trained, judged = training_pictures(recipe, data)
    if not (out / CHECKPOINT).is_file():
        for remark in check_pictures(trained, size=recipe.data.size, seed=recipe.seed):
            progress.remark(remark)
    fabric = Fabric(accelerator=device, devices=1, precision=_precision(recipe, device))
    out.mkdir(parents=True, exist_ok=True)
    run = _Run(fabric, recipe, trained, judged, out)
    if run.position == 0:
        write_facts(out, recipe, data, pictures=len(trained), validation=len(judged))
    return run.go(progress)


def _precision(recipe: Recipe, device: str) -> Any:
    """Bf16 where there are matrix units for it: on the CPUs without, it is slower than fp32."""
    if recipe.training.precision == "auto":
        cuda = device in ("auto", "cuda") and torch.cuda.is_available()
        fast = torch.cuda.is_bf16_supported() if cuda else torch.cpu._is_amx_tile_supported()
        return "bf16-mixed" if fast else "32-true"
    return {"fp32": "32-true", "bf16": "bf16-mixed"}[recipe.training.precision]


class _Run:
    """State of one run: network, optimizer, averaged parameters, position."""

    def __init__(
        self, fabric: Fabric, recipe: Recipe, trained: Pictures, judged: Pictures, out: Path
    ) -> None:
        self.fabric, self.recipe, self.out = fabric, recipe, out
        self.judged = judged
        self.crops = training_crops(recipe, trained)
        self.checkpoint = out / CHECKPOINT
        saved = read_checkpoint(self.checkpoint) if self.checkpoint.is_file() else None
        torch.manual_seed(recipe.seed)
        self.task = _build_task(recipe, trained, saved)
        self.task.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = _build_optimizer(self.task, recipe)
        self.model, self.optimizer = fabric.setup(self.task, optimizer)
        self.parameters = {k: p for k, p in self.task.named_parameters() if p.requires_grad}
        self.adversary = build_adversary(fabric, recipe)
        self.position = 0
        if saved is None:
            _start_from(self.task, recipe.training.start_from)
            self.ema = {k: p.detach().clone() for k, p in self.parameters.items()}
        else:
            tensors, facts = saved
            _check_same(recipe, facts["recipe"], self.checkpoint)
            ema = restore(tensors, task=self.task, optimizer=self.optimizer)
            self.ema = {k: ema[k].to(fabric.device) for k in self.parameters}
            self.position = facts["images"]
            if self.adversary is not None:
                self.adversary.restore(part(tensors, "adversary"))
        self.logbook = Logbook(out, start=self.position)

    def go(self, progress: ProgressLine) -> RunResult:
        """Run to the recipe's number of images or until asked to stop."""
        settings = self.recipe.training
        epoch = settings.epoch_images or self.crops.epoch
        epoch = max(epoch // settings.batch_size, 1) * settings.batch_size
        loader = self._loader(settings.images)
        saved_at = time.monotonic()
        progress.start(self.recipe.name, self.position, settings.images)
        for text in self.task.cautions:
            progress.warn(text)
        with stop_signals() as stop:
            for batch in loader:
                self.logbook.add(self._step(batch))
                self.position += len(batch)
                progress.update(self.position, self.logbook.recent())
                if self.position % epoch == 0 or self.position >= settings.images:
                    self._report(progress)
                if time.monotonic() - saved_at > 60 * settings.checkpoint_minutes:
                    self._save()
                    saved_at = time.monotonic()
                if stop.is_set():
                    break
        self._save()
        progress.stop()
        self.logbook.close()
        finished = self.position >= settings.images
        return RunResult(self.position, finished, self.logbook.recent(), self.checkpoint)

    def _loader(self, stop: int) -> Any:
        workers = self.recipe.data.workers
        loader: DataLoader[Tensor] = DataLoader(
            self.crops,
            batch_size=self.recipe.training.batch_size,
            sampler=Positions(self.position, stop),
            num_workers=workers,
            worker_init_fn=ignore_interrupts,
            prefetch_factor=8 if workers else None,
            drop_last=False,
        )
        return self.fabric.setup_dataloaders(loader)

    def _step(self, batch: Tensor) -> dict[str, float]:
        """One batch: rate, forward, backward, clip, step, average."""
        settings = self.recipe.training
        factor = rate_factor(
            self.position / settings.images, schedule=settings.schedule, warmup=settings.warmup
        )
        for group in self.optimizer.param_groups:
            group["lr"] = factor * group["base_rate"]
        # Draws depend on the position alone, so that a resumed run continues exactly.
        generator = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + self.position)
        torch.manual_seed(self.recipe.seed * 1_000_033 + self.position)
        if self.adversary is not None:
            phase = self.adversary.phase(self.position / settings.images)
            self.adversary.enter(phase, self.task)
            if phase is Phase.CRITIC:
                self.adversary.look(self.task, batch, generator)
                self.adversary.learn()
                return self.adversary.step(phase)
        self.model.train()
        parts = self.model(batch, generator)
        self.fabric.backward(parts["loss"])
        if settings.clip:
            self.fabric.clip_gradients(self.model, self.optimizer, max_norm=settings.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self._average()
        found = {key: value.item() for key, value in parts.items()}
        if self.adversary is not None and phase is Phase.GAN:
            self.adversary.learn()
            found |= self.adversary.step(phase)
        return found

    @torch.no_grad()
    def _average(self) -> None:
        """Exponential moving average whose memory grows at first: early weights are forgotten."""
        steps = self.position // self.recipe.training.batch_size
        decay = min(self.recipe.training.ema, (1 + steps) / (10 + steps))
        torch._foreach_lerp_(
            list(self.ema.values()), [p.detach() for p in self.parameters.values()], 1 - decay
        )

    @torch.no_grad()
    def _report(self, progress: ProgressLine) -> None:
        """At the end of an epoch: validation, a row, a sheet of samples, all with the average."""
        kept = {k: p.detach().clone() for k, p in self.parameters.items()}
        self._load_parameters(self.ema)
        self.model.eval()
        size, seed = self.recipe.data.size, self.recipe.seed
        crops = Crops(self.judged, size=size, augmentation=NONE, seed=seed)
        losses, first = [], None
        for start in range(0, len(self.judged), 32):
            batch = torch.stack([crops[i] for i in range(start, min(start + 32, len(self.judged)))])
            batch = batch.to(self.fabric.device)
            first = batch if first is None else first
            losses.append((len(batch), self.model(batch)["loss"].item()))
        values = {}
        if losses and first is not None:
            values["validation/loss"] = sum(n * v for n, v in losses) / sum(n for n, _ in losses)
            draw_samples(self.task, first[:SAMPLES], self.out / f"samples-{self.position:09d}.jpg")
        self._load_parameters(kept)
        self.logbook.record(self.position, **values)
        progress.note(self.position, self.logbook.recent() | values)

    @torch.no_grad()
    def _load_parameters(self, values: dict[str, Tensor]) -> None:
        for key, parameter in self.parameters.items():
            parameter.copy_(values[key])

    def _save(self) -> None:
        save_checkpoint(
            self.checkpoint,
            task=self.task,
            ema=self.ema,
            optimizer=self.optimizer,
            facts={"images": self.position, "recipe": self.recipe.to_dict()},
            adversary=None if self.adversary is None else self.adversary.state(),
        )


def _build_task(recipe: Recipe, pictures: Pictures, saved: Any) -> ColorizationTask:
    """Take the bins from the checkpoint, or count colors on a fixed sample of the pictures."""
    if saved is not None:
        tensors = part(saved[0], "task")
        return ColorizationTask(
            recipe, centers=tensors["centers"].numpy(), prior=tensors["prior"].numpy()
        )
    if recipe.training.start_from:
        tensors = part(read_checkpoint(Path(recipe.training.start_from))[0], "task")
        return ColorizationTask(
            recipe, centers=tensors["centers"].numpy(), prior=tensors["prior"].numpy()
        )
    if recipe.bins.system in ("none", "equi-width-uv"):
        centers = choose_bins(recipe.bins, np.zeros((0, 0)))
        return ColorizationTask(recipe, centers=centers, prior=np.zeros(0, np.float32))
    sample = Crops(pictures, size=64, augmentation=NONE, seed=recipe.seed)
    count = min(STATISTICS_PICTURES, len(pictures))
    histogram = ab_histogram(sample[i].numpy() for i in range(count))
    centers = choose_bins(recipe.bins, histogram)
    return ColorizationTask(recipe, centers=centers, prior=bin_prior(histogram, centers))


def _start_from(task: ColorizationTask, path: str) -> None:
    """Begin with another run's averaged weights."""
    if path:
        tensors, _ = read_checkpoint(Path(path))
        try:
            task.load_state_dict(part(tensors, "task") | part(tensors, "ema"))
        except RuntimeError as error:
            message = f"training.start_from: {path} holds another network than the recipe's"
            raise ModelError(message) from error


def _build_optimizer(task: ColorizationTask, recipe: Recipe) -> torch.optim.Optimizer:
    """Decay weights of matrices and kernels only; pretrained parts learn at ``encoder_rate``."""
    settings = recipe.training
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in task.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = settings.encoder_rate if name.startswith("network.encoder.") else 1.0
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate * settings.learning_rate, decay), []).append(parameter)
    described = [
        {"params": p, "lr": rate, "base_rate": rate, "weight_decay": decay}
        for (rate, decay), p in groups.items()
    ]
    if settings.optimizer == "sgd":
        return torch.optim.SGD(described, momentum=0.9, nesterov=True)
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(described, betas=(0.9, 0.99))


def _check_same(recipe: Recipe, saved: dict[str, Any], checkpoint: Path) -> None:
    """Refuse to continue a run with another recipe, naming the first section that differs."""
    now = recipe.to_dict()
    # How many workers decode and how often to save do not change the result.
    for values in (now, saved):
        values["data"].pop("workers")
        values["training"].pop("checkpoint_minutes")
    different = [key for key in now if now[key] != saved.get(key)]
    if different:
        message = f"{checkpoint} was made with another recipe ({', '.join(different)} differ)"
        raise RecipeError(message)
