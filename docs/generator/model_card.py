"""docs/model-card.md: what the embedded model says about itself."""

from __future__ import annotations

from generator.markdown import table
from photochrom import load_model
from photochrom.weights.cards import ModelCard
from photochrom.weights.models import MODELS

INTRODUCTION = """\
# Model card

The card travels inside the model's file; `photochrom models show photochrom` prints it. How the
model compares with gray and with the truth is measured in [results](results/quality.md).
"""


PICTURES = """\
## In pictures

![A cameraman, grass, an astronaut and a rocket: gray, and colorized](pictures/well.jpg)

**What it does well**: skies, grass and foliage, skin in daylight, evenings, sand and wood: large
things of which there are many photographs. The first two are gray from the start: nobody knows
their colors.

![A cup, bricks, a retina and a stained tissue: gray, colorized, and true](pictures/wrong.jpg)

**What it gets wrong** (the true colors below, where they are known): a plain surface drifts from
one color to another where several are as likely, as the table does; what is red or orange comes out
brown or rose; paving becomes a red wall, for most bricks that it saw were red; and of what it never
saw, such as a retina or a stained tissue, it makes something that looks like a photograph and means
nothing. Never color medical or scientific pictures with it.

**Looked at** before this version was taken: sixty of the held-out photographs and sixty of everyday
life, beside gray and truth; they are not ours to show. Landscapes, skies, evenings, houses, animals
and faces, light and dark, mostly pass for photographs, the wrong ones too: a plain blue sky becomes
a sunset. What gives it away: strong colors of clothes, fruit and signs come out brown, beige or
rose; autumn leaves gray; courts, walls and buildings of another color than the usual one, such as
red clay, become the usual one; rooms are too warm; lips too dull; white fur turns reddish, and
faces under greenish lamps rosy. Patches of several colors on one thing, which gave earlier versions
away, are rare. The [figures of everyday
life](results/quality.md#everyday-life) say the same: on everyday life the default setting is hardly
nearer the truth than gray is, pixel by pixel. On [portraits](results/quality.md#portraits) skin of
every tone comes out about as near the truth, light skin somewhat too colorful: the gate of skin
tones, which the mixed set fails, is passed there.

Their colors can be shown. On this sheet each of sixty held-out photographs is a bar: its true
colors above, what became of them below, from dark to light and as wide as their share of the
picture. The nearest come first, column by column. They were not chosen: one in eighteen.

![Sixty palettes, true above guessed](results/palettes.png)

In the first two columns colors are mostly right: skies, dusk, stone, wood, skin. Towards the end,
strong colors that stand alone, turquoise, purple or orange, take the color of what surrounds them;
fiery oranges and fresh greens pale; grays and gray-blues become wood or brick.
`python benchmarks/palettes.py` draws such a sheet of any pictures.

The pictures above are made with default settings, by `scripts/pictures`;
[whose they are](pictures/README.md).
"""


def model_card_page() -> str:
    """The page's text: a section for each model that comes with the package."""
    sections = (_section(load_model(name).card) for name in MODELS)
    return "\n".join([INTRODUCTION, *sections, PICTURES])


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
    stages = (stage["data"].get("size") for stage in card.recipe.get("stages", ()))
    sizes = dict.fromkeys([card.recipe["data"]["size"], *(size for size in stages if size)])
    recipe = (
        f"The last run, by recipe `{card.recipe['name']}`: {card.images:,} of "
        f"{training['images']:,} crops of {', then '.join(map(str, sizes))} pixels, batches of "
        f"{training['batch_size']}, {training['optimizer']} at {training['learning_rate']:g}.\n"
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
