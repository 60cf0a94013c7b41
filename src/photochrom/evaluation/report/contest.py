"""What a comparison adds to a page: who won what at which cost, and the curves of all runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.report.charts import color_of, curve_chart, legend
from photochrom.evaluation.table import figure_text
from photochrom.evaluation.verdict import Verdict, best

CURVES = {
    "validation/mse": "mean squared error of ab",
    "validation/auc": "AuC",
    "validation/rebalanced_auc": "rebalanced AuC",
    "validation/colorfulness_difference": "colorfulness difference",
}


@dataclass(frozen=True)
class Cost:
    """What a run's training took: ``images`` seen and ``seconds``; ``curves`` by what is logged,
    each of (images, value) points.
    """

    images: int
    seconds: float
    curves: Mapping[str, Sequence[tuple[float, float]]]


def winners(verdict: Verdict) -> dict[str, str]:
    """The run that each metric ranks first; gray is no run."""
    runs = replace(verdict, rows=[row for row in verdict.rows if row.method != GRAY])
    found = {metric: best(runs, metric) for metric in verdict.metrics}
    return {metric: name for metric, name in found.items() if name is not None}


def winners_text(verdict: Verdict, costs: Mapping[str, Cost]) -> str:
    """Lines for the terminal: metric, winner, figure, cost, and whether gray is better still."""
    lines = []
    for metric, name in winners(verdict).items():
        figure = figure_text(metric, verdict.row(name).figures[metric])
        cost = _cost(costs.get(name))
        lines.append(f"{METRICS[metric].title}: {name}, {figure} ({cost}){_note(verdict, metric)}")
    return "\n".join(lines)


def _note(verdict: Verdict, metric: str) -> str:
    return "; gray is better" if best(verdict, metric) == GRAY else ""


def _cost(cost: Cost | None) -> str:
    if cost is None:
        return "cost unknown"
    return f"{cost.images:,} images in {cost.seconds / 60:.1f} min"


def contest_html(
    verdict: Verdict, costs: Mapping[str, Cost], unfinished: Sequence[str] = ()
) -> str:
    """The section: a table of winners, who took no part, then one chart for each curve."""
    rows = "".join(
        f'<tr><th scope="row">{escape(METRICS[metric].title)}</th><td>{escape(name)}</td>'
        f"<td>{figure_text(metric, verdict.row(name).figures[metric])}{_note(verdict, metric)}</td>"
        f"<td>{escape(_cost(costs.get(name)))}</td></tr>"
        for metric, name in winners(verdict).items()
    )
    heads = "".join(
        f'<th scope="col"><button>{text}</button></th>'
        for text in ("metric", "winner", "figure", "cost of its training")
    )
    charts = "".join(_curves(verdict, costs, key, title) for key, title in CURVES.items())
    return (
        "<h2>Winners</h2>"
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"</div>{_absent(unfinished)}<h2>While training</h2>{legend(verdict)}"
        f'<div class="charts">{charts}</div>'
    )


def _absent(names: Sequence[str]) -> str:
    return f"<p>Not finished, not judged: {escape(', '.join(names))}.</p>" if names else ""


def _curves(verdict: Verdict, costs: Mapping[str, Cost], key: str, title: str) -> str:
    # A run that stands in several rows, at several settings, has been trained once.
    once = {id(costs[name]): name for name in reversed(list(costs))}.values()
    lines = {
        row.method: list(costs[row.method].curves.get(key, ()))
        for row in verdict.rows
        if row.method in once and row.method not in (GRAY, TRUTH)
    }
    lines = {name: points for name, points in lines.items() if points}
    if not lines:
        return ""
    colors = {name: color_of(verdict, name) for name in lines}
    return curve_chart(title, lines, colors)
