"""A recipe as frozen dataclasses: unknown keys and impossible values are errors naming the key."""

from __future__ import annotations

import dataclasses
import operator
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from photochrom.data.film_config import Film
from photochrom.errors import RecipeError
from photochrom.registry import suggestion


@dataclass(frozen=True)
class NamedPart:
    """A network by name, with its module's options."""

    name: str
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
    """Crops and their variation: sizes in pixels, ``noise`` in units of L, see ``data``.

    ``categories`` are globs, none meaning all pictures; an epoch visits every picture in
    ``variants`` crops; a share of them, ``hinted``, shows hints to networks that take them.
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
    categories: list[str] = field(default_factory=list)
    film: Film = field(default_factory=Film)


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how.

    ``images`` counts crops seen in all, ``epoch_images`` those between reports; 0 means once
    through the set. ``batch_size`` is the images of one step, whoever computes them: in
    ``accumulate`` parts, one after the other, and each part shared by all processes.

    ``momentum`` is SGD's and Adam's first beta, ``beta2`` Adam's second. ``encoder_rate``
    multiplies the learning rate of pretrained parts; 0 freezes them and their statistics. The
    schedule "step" multiplies the rate by ``step_factor`` after every ``step_every`` (a share) of
    the run or stage. ``start_from`` is a checkpoint whose weights begin the run. ``keep`` says
    which weights stay beside the last: those of the "best" epoch by ``best_by``, or of "every" one.
    """

    images: int
    batch_size: int = 32
    accumulate: int = 1
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    encoder_rate: float = 1.0
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
    network: NamedPart
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
    "validation/auc": "higher",
    "validation/rebalanced_auc": "higher",
    "validation/colorfulness_difference": "lower",
}
"""What validation logs, and which direction is better: what ``training.best_by`` can name."""

_RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 2**40),
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
    "data.film.probability": (0, 1),
    "data.film.response": (0, 1),
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
_CHOICES: dict[str, tuple[str, ...]] = {
    "bins.system": ("supported-grid", "chosen", "zhang-313", "equi-width-uv", "none"),
    "training.optimizer": ("adamw", "adam", "sgd"),
    "training.schedule": ("one-cycle", "cosine", "step", "constant"),
    "training.precision": ("auto", "fp32", "bf16"),
    "training.keep": ("last", "best", "every"),
    "training.best_by": tuple(BETTER),
}


def read_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a TOML recipe and apply overrides such as ``training.batch_size=16``."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"cannot read the recipe {path}: {error}"
        raise RecipeError(message) from error
    for override in overrides:
        _apply(values, override)
    return recipe_from_dict(values)


def recipe_from_dict(values: dict[str, Any]) -> Recipe:
    """Check plain values and build the recipe; raises :class:`RecipeError` naming the key."""
    recipe: Recipe = _build(Recipe, values, "")
    for key, (low, high) in _RANGES.items():
        value = _lookup(recipe, key)
        if value is not None and not low <= value <= high:
            message = f"{key} must be between {low:g} and {high:g}, not {value!r}"
            raise RecipeError(message)
    for key, choices in _CHOICES.items():
        value = _lookup(recipe, key)
        if value not in choices:
            message = f"{key} must be one of {', '.join(choices)}, not {value!r}"
            raise RecipeError(message)
    alone = recipe.adversarial.pretrain + recipe.adversarial.critic
    if recipe.adversarial.weight and alone >= 1:
        message = (
            "adversarial.pretrain + adversarial.critic must be below 1: they are shares of the "
            f"run, and the rest is what the weight is for; not {alone:g}"
        )
        raise RecipeError(message)
    return recipe


def _lookup(recipe: Recipe, key: str) -> Any:
    """The value of a key; None in a section that is not there."""
    section, _, name = key.rpartition(".")
    part = operator.attrgetter(section)(recipe) if section else recipe
    return None if part is None else getattr(part, name)


def _apply(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        message = f"an override reads key=value, not {override!r}"
        raise RecipeError(message)
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *parents, last = key.strip().split(".")
    for parent in parents:
        section: Any = values.setdefault(parent, {})
        if not isinstance(section, dict):
            message = f"{key}: {parent} is a value, not a section"
            raise RecipeError(message)
        values = section
    values[last] = value


def _build(kind: type, values: dict[str, Any], prefix: str) -> Any:
    hints = get_type_hints(kind)
    known = {f.name: f for f in dataclasses.fields(kind)}
    for key in values:
        if key not in known:
            message = f"unknown key {prefix}{key}; {suggestion(key, known)}"
            raise RecipeError(message)
    for key, item in known.items():
        required = item.default is item.default_factory is dataclasses.MISSING
        if required and key not in values:
            message = f"missing key {prefix}{key}"
            raise RecipeError(message)
    return kind(**{k: _convert(hints[k], v, f"{prefix}{k}") for k, v in values.items()})


def _convert(hint: Any, value: Any, key: str) -> Any:
    if type(None) in get_args(hint):
        if value is None:
            return None
        hint = next(h for h in get_args(hint) if h is not type(None))
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            message = f"{key} must be a section"
            raise RecipeError(message)
        return _build(hint, value, f"{key}.")  # type: ignore[arg-type]
    expected = get_origin(hint) or hint
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        message = f"{key} must be {getattr(hint, '__name__', hint)}, not {value!r}"
        raise RecipeError(message)
    if expected is list:
        (item,) = get_args(hint)
        return [_convert(item, v, f"{key}[{i}]") for i, v in enumerate(value, 1)]
    return value
