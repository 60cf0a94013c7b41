"""One self-contained HTML page of a verdict: table, charts, pictures."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from importlib.resources import files
from string import Template

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.circumstances import set_names, weights_of
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.ranking import best
from photochrom.evaluation.report import charts
from photochrom.evaluation.report.cases import Case, Studio, ranked
from photochrom.evaluation.report.subjects import by_subject
from photochrom.evaluation.runner import Trial
from photochrom.evaluation.table import cell_text, figure_text, interval_text
from photochrom.evaluation.tally import Record
from photochrom.evaluation.verdict import Figure, Row, Verdict

EXAMPLES, RANKED = 16, 3


def write_page(
    trial: Trial,
    verdict: Verdict,
    *,
    command: str,
    version: str,
    contest: str = "",
    advance: Callable[[int], None] = lambda count: None,
) -> str:
    """The page as text. ``command`` is what repeats it; ``contest`` a section that comes
    after the table; ``advance`` hears of each picture drawn.
    """
    studio = Studio(trial, verdict)

    def drawn(record: Record, *, maps: bool) -> Case:
        case = studio.case(record, maps=maps)
        advance(1)
        return case

    first = next((row.method for row in verdict.models), GRAY)
    examples = {
        subject: [drawn(r, maps=False) for r in records]
        for subject, records in by_subject(trial, verdict.records, EXAMPLES).items()
    }
    cases = {
        kind: [drawn(r, maps=True) for r in records]
        for kind, records in ranked(verdict.records, first, RANKED).items()
    }
    page = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    return page.substitute(
        title="photochrom: judged",
        facts=_facts(verdict),
        table=_table(verdict),
        notes=_notes(verdict),
        contest=contest,
        intervals="".join(
            charts.intervals(verdict, m) for m in verdict.metrics if _has(verdict, m)
        ),
        legend=charts.legend(verdict),
        chroma=charts.chroma(verdict),
        hues=charts.hues(verdict),
        reliability=charts.reliability(verdict) or "<p>No model here says how sure it is.</p>",
        calibration=_calibration(verdict),
        examples=_groups(verdict, examples),
        first=escape(first),
        cases=_groups(verdict, cases),
        categories=_categories(verdict),
        command=escape(command),
        version=escape(version),
    )


def _has(verdict: Verdict, metric: str) -> bool:
    return any(
        row.figures[metric].value is not None
        for row in verdict.rows
        if metric in row.figures and row.method != TRUTH
    )


def _facts(verdict: Verdict) -> str:
    shown = "largest square" if verdict.fit == "crop" else "stretched to a square"
    left_out = [
        f"{len(names):,} {kind} left out"
        for kind, names in (
            ("gray", verdict.gray),
            ("unreadable", verdict.unreadable),
            ("results of photochrom", verdict.own_results),
        )
        if names
    ]
    film = [f"gray as {verdict.film} film"] if verdict.film else []
    weights = [f"{row.method}: {said}" for row in verdict.models if (said := weights_of(row))]
    facts = [
        f"{verdict.pictures:,} pictures of {set_names(verdict)}", f"{shown}, {verdict.side} px",
        *film, *left_out, *weights, verdict.date,
    ]  # fmt: skip
    return escape(" · ".join(facts))


def _table(verdict: Verdict) -> str:
    winners = {metric: best(verdict, metric) for metric in verdict.metrics}
    heads = ["method", *(METRICS[m].title for m in verdict.columns), "ms", "parameters"]
    hints = ["", *(f"{METRICS[m].better}: {METRICS[m].source}" for m in verdict.columns), "", ""]
    head = "".join(
        f'<th scope="col" title="{escape(hint, quote=True)}"><button>{escape(text)}</button></th>'
        for text, hint in zip(heads, hints, strict=True)
    )
    body = "".join(_row(verdict, row, winners) for row in verdict.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(verdict: Verdict, row: Row, winners: dict[str, str | None]) -> str:
    kind = row.method if row.method in (GRAY, TRUTH) else "model"
    cells = [f'<th scope="row">{escape(row.method)}</th>']
    for metric in verdict.columns:
        figure = row.figures.get(metric, Figure(None))
        text = escape(cell_text(verdict, row, metric))
        around = interval_text(metric, figure)
        key = "" if figure.value is None else f"{figure.value!r}"
        won = ' class="best"' if winners.get(metric) == row.method else ""
        cells.append(f'<td data-key="{key}"{won}>{text}<small>{around}</small></td>')
    speed, size = row.milliseconds, row.facts.get("parameters")
    cells.append(f'<td data-key="{speed or ""}">{"" if speed is None else f"{speed:.0f}"}</td>')
    cells.append(f'<td data-key="{size or ""}">{"" if size is None else f"{size:,}"}</td>')
    return f'<tr class="{kind}">{"".join(cells)}</tr>'


def _notes(verdict: Verdict) -> str:
    said = [*verdict.missing.items(), *verdict.notes.items()]
    notes = [f"{METRICS[name].title}: {text}" for name, text in said]
    notes += [f"{row.method} failed: {row.failed}" for row in verdict.rows if row.failed]
    return "".join(f"<p>{escape(note)}</p>" for note in notes)


def _calibration(verdict: Verdict) -> str:
    errors = [
        f"{escape(row.method)} {row.calibration_error:.1f} %"
        for row in verdict.rows
        if row.calibration_error is not None
    ]
    return f"<p>Mean gap: {', '.join(errors)}.</p>" if errors else ""


def _groups(verdict: Verdict, groups: dict[str, list[Case]]) -> str:
    return "".join(
        f"<h3>{kind}</h3>" + "".join(_strip(verdict, case) for case in found)
        for kind, found in groups.items()
    )


def _strip(verdict: Verdict, case: Case) -> str:
    figures = "".join(
        f'<figure><img loading="lazy" src="{source}" alt="{escape(method, quote=True)}">'
        + (
            f'<img loading="lazy" src="{case.maps[method]}" alt="error">'
            if case.maps.get(method)
            else ""
        )
        + f"<figcaption>{escape(method)}{_error(case, method)}</figcaption></figure>"
        for method, source in case.pictures.items()
    )
    return f'<div class="strip" title="{escape(case.name, quote=True)}">{figures}</div>'


def _error(case: Case, method: str) -> str:
    value = case.errors.get(method)
    return f" <small>{value:.1f}</small>" if value else ""


def _categories(verdict: Verdict) -> str:
    metric, names = verdict.by_category()
    if not names:
        return ""
    rows = [row for row in verdict.rows if row.method != TRUTH and not row.failed]
    head = "".join(f'<th scope="col"><button>{escape(r.method)}</button></th>' for r in rows)
    body = ""
    for name in names:
        found = [row.categories.get(name, {}).get(metric, Figure(None)) for row in rows]
        cells = "".join(
            f'<td data-key="{"" if f.value is None else f.value}">'
            f"{escape(figure_text(metric, f))}</td>"
            for f in found
        )
        count = max(f.pictures for f in found)
        body += (
            f'<tr><th scope="row">{escape(name)}</th>'
            f'<td data-key="{count}">{count:,}</td>{cells}</tr>'
        )
    return (
        f"<h2>By category: {escape(METRICS[metric].title)}</h2>"
        '<div class="scroll"><table><thead><tr><th scope="col"><button>category</button></th>'
        f'<th scope="col"><button>pictures</button></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
