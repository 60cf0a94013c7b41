"""docs/networks.md and docs/metrics.md: what recipes and evaluations can name."""

from __future__ import annotations

from generator.markdown import table
from photochrom.architectures.cards import NETWORKS
from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.clip_cards import CLIP_METRICS, FUNCTIONS
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


METRICS_INTRODUCTION = """\
# Metrics

How results are judged against the true colors. The usual ones are computed unless others are asked
for; they need nothing but numpy. The others that need a pretrained network name its weights, and
where those cannot be had the table says so in place of a figure. A metric whose best is the truth's
own figure has no best by itself.
"""

CLIPS_INTRODUCTION = """\
## Of clips

Figures of frames in order, not of photographs: `photochrom evaluate` does not take them. They are
functions of `photochrom.evaluation.clips`, given the frames, and the flow between them, as arrays.
"""


def metrics_page() -> str:
    """The page's text."""
    best = {"higher": "higher", "lower": "lower", "truth": "the truth's own"}
    rows = [
        [
            f"`{c.name}`",
            c.title,
            best[c.better],
            "yes" if c.usual else "",
            c.weights,
            c.source,
        ]
        for c in (METRICS[name] for name in METRICS)
    ]
    head = ["name", "column", "better", "usual", "weights", "what it is"]
    clips = [
        [f"`{c.name}`", c.title, best[c.better], f"`{FUNCTIONS[c.name]}`", c.source]
        for c in (CLIP_METRICS[name] for name in CLIP_METRICS)
    ]
    return "\n".join(
        [
            METRICS_INTRODUCTION,
            table(head, rows),
            CLIPS_INTRODUCTION,
            table(["name", "figure", "better", "function", "what it is"], clips),
        ]
    )
