"""What an earlier trial found of the same pictures: no model is judged twice for a page."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from photochrom.evaluation.methods import GRAY, TRUTH, Method
from photochrom.evaluation.tally import Record
from photochrom.evaluation.verdict import Figure, Row, Verdict, explained


@dataclass(frozen=True)
class Earlier:
    """Rows and records of a verdict that was written as JSON."""

    rows: dict[str, Row]
    records: list[Record]

    @classmethod
    def read(cls, path: Path, terms: dict[str, Any]) -> Earlier | None:
        """What ``path`` holds; None if that is nothing, damaged, or was found on other ``terms``.

        ``terms`` are values of the file that have to be the same.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if any(values[key] != value for key, value in terms.items()):
                return None
            rows = [_row(row) for row in values["rows"]]
            records = [Record(**record) for record in values["records"]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return cls({row.method: row for row in rows}, records)

    def knows(self, method: Method) -> bool:
        """Whether these very weights were judged with these settings, and did not fail."""
        row = self.rows.get(method.name)
        return row is not None and not row.failed and row.facts == method.facts

    def joined(self, verdict: Verdict, methods: tuple[Method, ...]) -> Verdict | None:
        """A verdict of some of ``methods`` with what is known of the others.

        None if it is of other pictures: gray and the truth would have to come out the same.
        """
        ends = (GRAY, TRUTH)
        names = [record.name for record in verdict.records]
        if names != [record.name for record in self.records] or any(
            verdict.row(name).figures != self.rows[name].figures for name in ends
        ):
            return None
        new = {row.method: row for row in verdict.rows}
        rows = [new.get(method.name) or self.rows[method.name] for method in methods]
        records = [
            replace(record, errors=before.errors | record.errors)
            for before, record in zip(self.records, verdict.records, strict=True)
        ]
        joined = replace(verdict, rows=[new[GRAY], *rows, new[TRUTH]], records=records)
        return explained(joined)


def _row(values: dict[str, Any]) -> Row:
    return Row(
        **values
        | {
            "figures": _figures(values["figures"]),
            "categories": {name: _figures(found) for name, found in values["categories"].items()},
        }
    )


def _figures(values: dict[str, Any]) -> dict[str, Figure]:
    return {
        name: Figure(**figure | {"without": tuple(figure["without"])})
        for name, figure in values.items()
    }
