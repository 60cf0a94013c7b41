"""docs/systems/NAME.md: what each source said, what was chosen, and how to train its network."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.markdown import table
from generator.trial import what_it_gives
from photochrom.architectures.cards import NETWORKS, NetworkCard
from photochrom.recipes import find_recipe
from photochrom.training.config import DataConfig, TrainingConfig

TRIAL = """\
In [the trial](../results/trial.md), where all systems have one small budget and no pretrained
weights: how far it comes with that, not how far it can come. Its pictures are there, beside the
others'."""
HEADS = {
    "ab": "the color itself, a and b",
    "uv": "the color itself, U and V of BT.601",
    "bins": "a distribution over bins of ab",
    "uv-bins": "a distribution over bins of U and one over bins of V",
}
SHAPING = {
    "data": (DataConfig, ("smallest_crop", "stretch", "flip")),
    "training": (
        TrainingConfig,
        ("momentum", "beta2", "weight_decay", "schedule", "warmup", "clip", "ema"),
    ),
}
"""Keys whose defaults shape a run whether or not its recipe names them."""


def system_pages(results: Mapping[str, Any]) -> dict[str, str]:
    """The pages' texts by the networks' names."""
    return {name: _page(NETWORKS[name], results) for name in NETWORKS}


def _page(card: NetworkCard, results: Mapping[str, Any]) -> str:
    facts = [
        ["described by", card.source],
        ["gives", f"{HEADS[card.head]}, at 1/{card.stride} of the size"],
        ["sees", f"{card.working_size} pixels on the shorter side, in multiples of "
         f"{card.multiple_of}"],
        ["parameters", f"{card.parameters:,}"],
        ["encoder", f"`{card.encoder}`, or another: `--set encoder.name=...`"
         if card.encoder else "none"],
    ]  # fmt: skip
    if card.hints:
        facts.append(["hints", "takes colors that a user points at"])
    recipes = "\n".join(_recipe(path) for path in _recipes(card))
    return "\n".join(
        [
            f"# {card.name}\n",
            f"{card.summary[0].upper()}{card.summary[1:]}.\n",
            table(["", ""], facts),
            "## What its source says\n",
            f"{card.described}\n",
            "## How it is built here\n",
            f"{_docstring(card)}\n\nThe code: `{card.module.replace('.', '/')}.py`.\n",
            "## Train it\n",
            recipes,
            "Then export it, and colorize with it:\n",
            "```bash\n"
            f"photochrom export runs/{card.name} --out {card.name}.onnx\n"
            f"photochrom colorize grandma.jpg --model {card.name}.onnx\n"
            "```\n",
            "## What it gives\n",
            f"{TRIAL}\n",
            what_it_gives(card.name, results) or "It has not been run there yet.\n",
        ]
    )


def _docstring(card: NetworkCard) -> str:
    """The module's docstring, read without importing torch."""
    spec = importlib.util.find_spec(card.module)
    assert spec is not None
    assert spec.origin is not None
    text = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8")))
    assert text is not None
    text = text.removeprefix(f"``{card.name}``: ")
    return f"{text[0].upper()}{text[1:]}"


def _recipes(card: NetworkCard) -> list[Path]:
    """The network's own recipe first, then others that train it."""
    own = find_recipe(card.name)
    others = sorted(own.parent.glob("*.toml"))
    return [own] + [p for p in others if p != own and f'name = "{card.name}"' in p.read_text()]


def _recipe(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return (
        "```bash\n"
        f"photochrom train {path.stem} --data pictures/ --out runs/{path.stem}\n"
        "```\n\n"
        f"The recipe `{path.stem}`:\n\n"
        f"```toml\n{text}```\n\n"
        f"{_defaults(tomllib.loads(text))}"
    )


def _defaults(recipe: dict[str, dict[str, object]]) -> str:
    """What holds although the recipe does not say so; empty if it says all."""
    left = [
        f"`{section}.{field.name} = {str(field.default).lower()}`"
        for section, (kind, names) in SHAPING.items()
        for field in dataclasses.fields(kind)
        if field.name in names and field.name not in recipe[section]
    ]
    return f"Defaults that shape it too: {', '.join(left)}.\n" if left else ""
