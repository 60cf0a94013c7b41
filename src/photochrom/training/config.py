"""A recipe as frozen dataclasses, and what its values may be; ``recipe_file`` reads them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from photochrom.data.film_config import Film


@dataclass(frozen=True)
class NetworkConfig:
    """A network by name, with its module's options; ``frames`` that it sees at once.

    With more than one, its first layer is widened, see ``architectures.frame_stack``.
    """

    name: str
    frames: int = 1
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EncoderConfig:
    """Backbone of networks that are built on one, see ``architectures.encoders``.

    ``name`` "" is the network's own; ``pretrained`` "timm", "none" or the path of a safetensors
    file; layers up to the stride ``frozen`` are not trained.
    """

    name: str = ""
    pretrained: str = "timm"
    frozen: int = 0

    def options(self) -> dict[str, Any]:
        """What a network's ``build`` is given."""
        given: dict[str, Any] = {"pretrained": self.pretrained}
        if self.name:
            given["encoder"] = self.name
        if self.frozen:
            given["frozen"] = self.frozen
        return given


@dataclass(frozen=True)
class BinsConfig:
    """Bin system of networks that give bins, else "none".

    "supported-grid" (spacing, share), "chosen" (count) and "zhang-313" divide ab, "equi-width-uv"
    (count of each) divides U and V.
    """

    system: str = "none"
    spacing: int = 10
    share: float = 1e-5
    count: int = 32


@dataclass(frozen=True)
class DataConfig:
    """Crops and their variation, see ``data``.

    Crops of ``size`` pixels show at least the share ``smallest_crop`` of the area of the largest
    box of their shape, are stretched by up to ``stretch`` in width and height, and mirrored
    half of the time where ``flip``. At most ``noise``, in units of L, and ``tone``, the logarithm
    of a gamma, vary half of them each. ``categories`` are globs, none meaning all pictures; at
    most ``limit`` pictures are trained on (0: all); ``validation`` others, a fifth of all at most,
    are kept to judge by.
    An epoch visits every picture in ``variants`` crops; a share of them, ``hinted``, shows hints
    to networks that take them. Networks of several frames see a picture pass by, at most ``pan``
    of the crop's side from one to the next. ``workers`` processes prepare crops ahead (0: none).
    """

    size: int = 112
    smallest_crop: float = 0.35
    stretch: float = 1.2
    flip: bool = True
    noise: float = 0.0
    tone: float = 0.0
    validation: int = 512
    limit: int = 0
    workers: int = 1
    variants: int = 1
    hinted: float = 1.0
    pan: float = 0.0
    categories: list[str] = field(default_factory=list)
    film: Film = field(default_factory=Film)


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how.

    ``images`` counts crops seen in all, ``epoch_images`` those between reports; 0 means once
    through the set. ``batch_size`` is the images of one step, whoever computes them: in
    ``accumulate`` parts, one after the other, and each part shared by all processes.

    The rate rises for the share ``warmup`` of the run. Gradients are scaled to the norm ``clip``
    where theirs is larger (0: never). ``ema`` is the memory of the averaged weights, which are
    those that are used and judged (0: no average). ``precision`` "auto" is "bf16" where that is
    fast. ``momentum`` is SGD's and Adam's first beta, ``beta2`` Adam's second. ``encoder_rate``
    multiplies the learning rate of pretrained parts; 0 freezes them and their statistics.
    ``frozen_statistics`` lets batch normalization use the means and variances that it has, as it
    does when the network is used, and learn no others: for the end of a run. The schedule "step"
    multiplies the rate by ``step_factor`` after every ``step_every`` (a share) of the run or stage.
    ``start_from`` is a run, a checkpoint or an exported model, by name or file, whose weights begin
    it. ``keep`` says which weights stay beside the last: those of the "best" epoch by ``best_by``,
    or of "every" one.
    """

    images: int
    batch_size: int = 32
    accumulate: int = 1
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    encoder_rate: float = 1.0
    frozen_statistics: bool = False
    weight_decay: float = 0.01
    momentum: float = 0.9
    beta2: float = 0.99
    schedule: str = "one-cycle"
    warmup: float = 0.03
    step_every: float = 0.25
    step_factor: float = 0.5
    clip: float = 1.0
    ema: float = 0.999
    precision: str = "auto"
    epoch_images: int = 0
    checkpoint_minutes: float = 5.0
    start_from: str = ""
    keep: str = "last"
    best_by: str = "validation/loss"


@dataclass(frozen=True)
class ResizingConfig:
    """Progressive resizing: crops start small and grow to ``data.size``; the section turns it on.

    Crops have ``initial_scale`` of their size for ``delay_fraction`` of the run, grow in steps of
    ``size_increment`` pixels, and have their full size for the last ``finetune_fraction``. The
    defaults are those of MosaicML's Composer.
    """

    initial_scale: float = 0.5
    delay_fraction: float = 0.5
    finetune_fraction: float = 0.2
    size_increment: int = 4


@dataclass(frozen=True)
class StageConfig:
    """A part of a run, and what is different in it from the recipe's own sections.

    It lasts for ``images``, or for ``share`` of the run's, or, the last one, for what is left.
    """

    images: int = 0
    share: float = 0.0
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AdversarialConfig:
    """Learning from a critic at the end of a run; ``weight`` 0: none, see ``adversary``.

    ``pretrain`` and ``critic`` are the shares of ``training.images`` in which the network, then the
    critic learns alone; in the rest both do. ``critic_rate`` is the critic's learning rate. Beside
    the network it learns only while its loss is above ``threshold`` (1: it cannot tell, 0: it is
    never wrong). The true ab that it sees is multiplied by ``chroma``.
    """

    weight: float = 0.0
    pretrain: float = 0.85
    critic: float = 0.12
    critic_rate: float = 1e-4
    threshold: float = 0.65
    chroma: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """Everything that a run needs to be repeated, but for the pictures.

    ``loss`` has a section for each part by its name: ``weight`` (1 if not given) and the options
    of its module.
    """

    name: str
    network: NetworkConfig
    loss: dict[str, dict[str, Any]]
    training: TrainingConfig
    encoder: EncoderConfig = EncoderConfig()
    bins: BinsConfig = BinsConfig()
    data: DataConfig = field(default_factory=DataConfig)
    resizing: ResizingConfig | None = None
    stages: list[StageConfig] = field(default_factory=list)
    adversarial: AdversarialConfig = AdversarialConfig()
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as in the TOML file."""
        return dataclasses.asdict(self)


BETTER = {
    "validation/loss": "lower",
    "validation/mse": "lower",
    "validation/auc": "higher",
    "validation/rebalanced_auc": "higher",
    "validation/colorfulness_difference": "lower",
}
"""What validation logs, and which direction is better: what ``training.best_by`` can name."""

RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 2**40),
    "network.frames": (1, 33),
    "data.size": (16, 2048),
    "data.smallest_crop": (0.01, 1),
    "data.stretch": (1, 4),
    "data.noise": (0, 100),
    "data.tone": (0, 3),
    "data.validation": (0, 10**9),
    "data.limit": (0, 10**12),
    "data.workers": (0, 256),
    "data.variants": (1, 1000),
    "data.hinted": (0, 1),
    "data.pan": (0, 0.5),
    "data.film.probability": (0, 1),
    "data.film.response": (0, 1),
    "data.film.damage": (0, 1),
    "data.film.tone": (0, 3),
    "data.film.vignette": (0, 1),
    "data.film.blur": (0, 20),
    "data.film.grain": (0, 50),
    "data.film.fading": (0, 1),
    "data.film.scratches": (0, 1),
    "data.film.jpeg": (1, 100),
    "training.images": (1, 10**12),
    "training.batch_size": (1, 65536),
    "training.accumulate": (1, 65536),
    "training.learning_rate": (1e-9, 10),
    "training.encoder_rate": (0, 100),
    "training.weight_decay": (0, 10),
    "training.momentum": (0, 0.999999),
    "training.beta2": (0, 0.999999),
    "training.warmup": (0, 1),
    "training.step_every": (1e-6, 1),
    "training.step_factor": (1e-6, 1),
    "training.clip": (0, 10**9),
    "training.ema": (0, 0.999999),
    "training.epoch_images": (0, 10**12),
    "training.checkpoint_minutes": (0, 10**6),
    "encoder.frozen": (0, 32),
    "resizing.initial_scale": (0.01, 1),
    "resizing.delay_fraction": (0, 1),
    "resizing.finetune_fraction": (0, 1),
    "resizing.size_increment": (1, 512),
    "bins.spacing": (1, 50),
    "bins.share": (0, 1),
    "bins.count": (2, 1024),
    "adversarial.weight": (0, 10**6),
    "adversarial.pretrain": (0, 1),
    "adversarial.critic": (0, 1),
    "adversarial.critic_rate": (1e-9, 1),
    "adversarial.threshold": (0, 10),
    "adversarial.chroma": (0.1, 4),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "bins.system": ("supported-grid", "chosen", "zhang-313", "equi-width-uv", "none"),
    "training.optimizer": ("adamw", "adam", "sgd"),
    "training.schedule": ("one-cycle", "cosine", "step", "constant"),
    "training.precision": ("auto", "fp32", "bf16"),
    "training.keep": ("last", "best", "every"),
    "training.best_by": tuple(BETTER),
}
