"""What a table is of: which pictures, when, and which weights."""

from __future__ import annotations

from pathlib import Path

from photochrom.data.own_results import remark_on
from photochrom.evaluation.verdict import Row, Verdict
from photochrom.evaluation.words import shown_word

_DIGITS, _NAMED = 12, 5


def circumstances(verdict: Verdict) -> list[str]:
    """Lines that say it: the pictures and their set, the date, each model's digest, what is out."""
    count = f"{verdict.pictures:,} picture{'s' * (verdict.pictures != 1)}"
    film = f", gray as {verdict.film} film" * bool(verdict.film)
    lines = [f"{count} at {verdict.side} px{film}; {set_names(verdict)}; {verdict.date}"]
    lines += [f"{row.method}: {text}" for row in verdict.models if (text := weights_of(row))]
    for kind, names in (("gray", verdict.gray), ("unreadable", verdict.unreadable)):
        if names:
            more = ", ..." * (len(names) > _NAMED)
            lines.append(f"left out, {kind}: {', '.join(names[:_NAMED])}{more}")
    if verdict.own_results:
        lines.append(remark_on(verdict.own_results))
    return lines


def set_names(verdict: Verdict) -> str:
    """The names of the folders, shards or public sets; no folder of this machine."""
    return ", ".join(_name(place) for place in verdict.places)


def _name(place: str) -> str:
    path = Path(place)
    return path.resolve().name if path.exists() else shown_word(place)


def weights_of(row: Row) -> str:
    """A model's version and the beginning of its weights' digest; empty without them."""
    version, digest = (str(row.facts.get(key) or "") for key in ("version", "sha256"))
    said = [f"version {version}"] * bool(version) + [f"sha256 {digest[:_DIGITS]}"] * bool(digest)
    return ", ".join(said)
