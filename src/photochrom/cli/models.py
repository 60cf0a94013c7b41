"""``photochrom models``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from photochrom.weights.cards import ModelCard


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models that come with photochrom; show one model's card.

    Example: photochrom models show photochrom
    """
    if context.invoked_subcommand is not None:
        return
    from photochrom.inference.convenience import list_models

    for name, card in list_models().items():
        size = f"{card.parameters / 1e6:.1f} M parameters"
        click.echo(f"{name} {card.version}  {size}, {card.license}\n    {card.summary}")


@models.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The whole card as JSON.")
def show(name: str, *, as_json: bool) -> None:
    """Print the card of NAME: a model's name, an exported file, or a run folder.

    Example: photochrom models show runs/mine/model.onnx
    """
    from photochrom.inference.opening import open_session

    card = open_session(name).card
    click.echo(json.dumps(json.loads(card.to_json()), indent=2) if as_json else _as_text(card))


def _as_text(card: ModelCard) -> str:
    lines = [
        f"{card.name} {card.version}",
        f"  {card.summary}",
        f"  architecture   {card.architecture}, {card.parameters:,} parameters",
        f"  sees           {card.working_size} px on the shorter side",
        f"  inputs         {', '.join(card.inputs)}",
        f"  training data  {card.training_data or 'not stated'}",
        f"  license        {card.license or 'not stated'}",
        f"  limits         {card.limits or 'not stated'}",
        f"  sha256         {card.sha256}",
    ]
    if card.dial:
        points = "  ".join(f"{v:g}: {r:g}, {t:g}" for v, r, t in card.dial)
        lines.insert(5, f"  vividness      rebalance, temperature at {points}")
    lines += [
        f"  member         {m.name} {m.version}, weight {m.weight:g}, sha256 {m.sha256}"
        for m in card.members
    ]
    lines += [f"  {name:<14} {value}" for name, value in card.metrics.items()]
    return "\n".join(lines)
