"""docs/model-card.md: what the embedded model says about itself."""

from __future__ import annotations

from generator.markdown import table
from photochrom import list_models
from photochrom.weights.cards import ModelCard

INTRODUCTION = """\
# Model card

The card travels inside the model's file; `photochrom models show photochrom` prints it. How the
model compares with gray and with the truth is measured in [results](results/quality.md).
"""


def model_card_page() -> str:
    """The page's text: a section for each model that comes with the package."""
    return "\n".join([INTRODUCTION, *(_section(card) for card in list_models().values())])


def _section(card: ModelCard) -> str:
    facts = [
        ["what it is", card.summary],
        ["architecture", f"`{card.architecture}`, {card.parameters:,} parameters"],
        ["sees", f"{card.working_size} pixels on the shorter side"],
        ["license", card.license],
        ["training data", card.training_data],
        ["limits", card.limits],
        ["weights", f"sha256 `{card.sha256}`"],
    ]
    dial = [[f"{v:g}", f"{r:g}", f"{t:g}"] for v, r, t in card.dial]
    figures = [[name, str(value)] for name, value in card.metrics.items()]
    training = card.recipe["training"]
    recipe = (
        f"Recipe `{card.recipe['name']}`: {card.images:,} of {training['images']:,} crops of "
        f"{card.recipe['data']['size']} pixels, batches of {training['batch_size']}, "
        f"{training['optimizer']} at {training['learning_rate']:g}.\n"
    )
    return "\n".join(
        [
            f"## {card.name} {card.version}\n",
            table(["", ""], facts),
            recipe,
            f"Vividness runs along this dial; the default is {card.vividness:g}.\n",
            table(["vividness", "rebalance", "temperature"], dial, numbers=3),
            "Measured on pictures that it never saw:\n",
            table(["figure", "value"], figures, numbers=1),
        ]
    )
