"""``photochrom models``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.groups import Group

if TYPE_CHECKING:
    from photochrom.weights.cards import ModelCard


@click.group(cls=Group, invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models that --model knows by name; add your own; show one model's card.

    Example: photochrom models show photochrom
    """
    if context.invoked_subcommand is not None:
        return
    from photochrom.errors import PhotochromError
    from photochrom.inference.opening import open_session
    from photochrom.weights.models import MODELS, added_models

    failed = False
    for name in (*MODELS, *added_models()):
        try:
            card = open_session(name).card
        except PhotochromError as error:
            failed = True
            click.echo(f"photochrom: {name}: {error}", err=True)
            continue
        facts = [f"{card.parameters / 1e6:.1f} M parameters", card.license]
        facts += [] if name in MODELS else ["added by you"]
        about = ", ".join(fact for fact in facts if fact)
        click.echo(f"{name} {card.version}  {about}\n    {card.summary}")
    context.exit(1 if failed else 0)


@models.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="What --model will call it, if not as its card does.")
def add(file: Path, name: str | None) -> None:
    """Keep a copy of the exported model FILE, so that --model knows it by its name.

    Copies lie in your data folder; the variable PHOTOCHROM_MODELS names another.

    Example: photochrom models add runs/mine/model.onnx --name mine
    """
    from photochrom.inference.adding import add_model

    chosen, _ = add_model(file, name)
    click.echo(f"added: photochrom colorize grandma.jpg --model {chosen}")


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the copy that `models add` made of the model NAME.

    Example: photochrom models remove mine
    """
    from photochrom.inference.adding import remove_model

    click.echo(f"removed {remove_model(name)}")


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
    if (a := card.ancestor) is not None:
        lines.append(f"  ancestor       {a.name} {a.version}, sha256 {a.sha256 or 'not known'}")
    lines += [
        f"  member         {m.name} {m.version}, weight {m.weight:g}, sha256 {m.sha256}"
        for m in card.members
    ]
    lines += [f"  {name:<14} {value}" for name, value in card.metrics.items()]
    return "\n".join(lines)
