"""docs/networks.md: the networks and losses that recipes can name."""

from __future__ import annotations

from generator.markdown import table
from photochrom.architectures.cards import NETWORKS
from photochrom.losses.cards import LOSSES

INTRODUCTION = """\
# Networks and losses

What a recipe can name. Networks with the head `bins` or `uv-bins` give a distribution over colors
for every place, those with `ab` or `uv` the color itself. Parameters are counted at the default
options; each name leads to a page with what its source said, what was chosen, and its recipe.
"""


def networks_page() -> str:
    """The page's text."""
    networks = [
        [f"[`{c.name}`](systems/{c.name}.md)", c.summary, c.source, c.head, f"{c.parameters:,}"]
        for c in (NETWORKS[name] for name in NETWORKS)
    ]
    losses = [
        [f"`{c.name}`", c.summary, c.source, c.compares] for c in (LOSSES[name] for name in LOSSES)
    ]
    return "\n".join(
        [
            INTRODUCTION,
            "## Networks\n",
            table(
                ["name", "what it is", "described by", "head", "parameters"], networks, numbers=1
            ),
            "## Losses\n",
            table(["name", "what it is", "described by", "compares"], losses),
        ]
    )
