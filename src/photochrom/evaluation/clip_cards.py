"""What is known of the figures of clips: they judge frames in order, not photographs."""

from __future__ import annotations

from photochrom.evaluation.metric import MetricCard
from photochrom.registry import Registry

CLIP_METRICS: Registry[MetricCard] = Registry("figure of clips")
"""Beside the metrics and not among them: one picture has no statistics to add up.

Each is a function of ``photochrom.evaluation.clips``; ``module`` is where it lives.
"""

FUNCTIONS = {"cdc": "color_distribution_consistency", "warp-error": "warp_error"}

for _name, _title, _digits, _source in (
    (
        "cdc",
        "CDC",
        5,
        "Liu et al. 2024: mean Jensen-Shannon divergence, in nats, of the histograms of R, G and B "
        "of frames 1, 2 and 4 apart; knows no truth, and gray does well: see colorfulness too",
    ),
    (
        "warp-error",
        "warp error",
        2,
        "after Lai et al. 2018: root of the mean squared difference per ab value, Lab units, of "
        "each frame and the next one carried back along a given flow, where both are visible",
    ),
):
    CLIP_METRICS.add(
        _name,
        MetricCard(
            name=_name,
            title=_title,
            better="lower",
            source=_source,
            module="photochrom.evaluation.clips",
            digits=_digits,
            usual=False,
            silent="only of clips",
        ),
    )
