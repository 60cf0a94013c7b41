"""What a comparison adds to a page: who won what at which cost, and the curves of all runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.ranking import leaders, rated
from photochrom.evaluation.report.charts import color_of, curve_chart, legend
from photochrom.evaluation.table import figure_text
from photochrom.evaluation.verdict import Verdict

CURVES = {
    "validation/mse": "mean squared error of ab",
    "validation/auc": "AuC",
    "validation/rebalanced_auc": "rebalanced AuC",
    "validation/colorfulness_difference": "colorfulness difference",
}


NO_WINNER = "no clear winner"


@dataclass(frozen=True)
class Cost:
    """What a run's training took: ``images`` seen and ``seconds``; ``curves`` by what is logged,
    each of (images, value) points.
    """

    images: int
    seconds: float
    curves: Mapping[str, Sequence[tuple[float, float]]]


def winners(verdict: Verdict) -> dict[str, list[str]]:
    """Of each metric the run that it ranks first, and those that are not surely behind it.

    Gray is no run, and a run that has no other beside it wins nothing.
    """
    runs = replace(verdict, rows=[row for row in verdict.rows if row.method != GRAY])
    contests = [metric for metric in verdict.metrics if len(rated(runs, metric)) > 1]
    found = {metric: leaders(runs, metric) for metric in contests}
    return {metric: names for metric, names in found.items() if names}


def winners_lines(verdict: Verdict, costs: Mapping[str, Cost]) -> list[str]:
    """Lines for the terminal: of each metric the winner and how gray does, then what runs cost."""
    lines = []
    for metric, names in winners(verdict).items():
        what = f"{NO_WINNER}: " * (len(names) > 1) + _all_of(verdict, metric, names)
        lines.append(f"{METRICS[metric].title}: {what}{_note(verdict, metric)}")
    return [*lines, *(f"{name}: {_cost(costs[name])}" for name in _once(costs))]


def _figure(verdict: Verdict, metric: str, name: str) -> str:
    return figure_text(metric, verdict.row(name).figures[metric])


def _all_of(verdict: Verdict, metric: str, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {_figure(verdict, metric, name)}" for name in names)


def _note(verdict: Verdict, metric: str) -> str:
    """Whether gray, which is no color at all, does as well as the best run."""
    found = leaders(verdict, metric)
    if GRAY not in found:
        return ""
    return "; gray is better" if found == [GRAY] else "; not surely better than gray"


def _cost(cost: Cost | None) -> str:
    if cost is None:
        return "cost unknown"
    return f"{cost.images:,} images in {cost.seconds / 60:.1f} min"


def contest_html(
    verdict: Verdict, costs: Mapping[str, Cost], unfinished: Sequence[str] = ()
) -> str:
    """The section: a table of winners, who took no part, then one chart for each curve."""
    rows = "".join(
        f'<tr><th scope="row">{escape(METRICS[metric].title)}</th>'
        f"{_winner_cells(verdict, metric, names, costs)}</tr>"
        for metric, names in winners(verdict).items()
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


def _winner_cells(
    verdict: Verdict, metric: str, names: Sequence[str], costs: Mapping[str, Cost]
) -> str:
    note = _note(verdict, metric)
    if len(names) > 1:
        both = escape(_all_of(verdict, metric, names))
        return f"<td>{NO_WINNER}</td><td>{both}{note}</td><td></td>"
    figure, cost = _figure(verdict, metric, names[0]), _cost(costs.get(names[0]))
    return f"<td>{escape(names[0])}</td><td>{figure}{note}</td><td>{escape(cost)}</td>"


def _once(costs: Mapping[str, Cost]) -> list[str]:
    """One row of each run: what stands in several, at several settings, has been trained once."""
    first = {id(costs[name]): name for name in reversed(list(costs))}
    return [name for name in costs if name in first.values()]


def _absent(names: Sequence[str]) -> str:
    return f"<p>Not finished, not judged: {escape(', '.join(names))}.</p>" if names else ""


def _curves(verdict: Verdict, costs: Mapping[str, Cost], key: str, title: str) -> str:
    once = _once(costs)
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
