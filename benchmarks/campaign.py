"""The campaign of the embedded model: each idea of campaign.toml on the same held-out pictures.

    python benchmarks/campaign.py --runs FOLDER --data DIR_OR_SHARDS [--features MOBILENET]
        [--out benchmarks/results/campaign.json]

Models are judged on the eye's gray and on the gray of two old films, which were blind to red or to
all but blue. Ideas already in --out are not measured again while model, size and mirroring are the
same, and --set and --limit those of before.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

from quality import FIGURES, judge

from photochrom.evaluation.verdict import Row, Verdict
from photochrom.evaluation.view import View

FILMS = ("", "orthochromatic", "blue-sensitive")
IDEAS = Path(__file__).with_name("campaign.toml")


def figures(row: Row) -> dict[str, list[float | None]]:
    """Value, low and high end of each figure."""
    return {key: [row.figures[key].value, row.figures[key].low, row.figures[key].high]
            for key in FIGURES}  # fmt: skip


def measure(idea: dict[str, Any], args: argparse.Namespace) -> dict[str, Any]:
    """One idea on every film; gray and truth are kept beside it."""
    run, at, dial = idea["model"].partition("@")
    place = args.runs / run
    model = f"{place if place.exists() else run}{at}{dial}"
    found: dict[str, Any] = {}
    for film in FILMS:
        verdict: Verdict = judge(
            [model],
            args.data,
            view=View(film=film),
            size=idea.get("size"),
            limit=args.limit,
            mirrored=idea.get("mirrored", False),
            features=args.features,
        )
        gray, ours, truth = verdict.rows
        found[film or "eye"] = {
            "pictures": verdict.pictures,
            "gray": figures(gray),
            "model": figures(ours),
            "truth": figures(truth),
        }
    return {"idea": idea, "films": found}


def _measured(idea: dict[str, Any]) -> str:
    """What the figures of an idea depend on: not its words."""
    return json.dumps([idea.get(key) for key in ("model", "size", "mirrored")])


def main() -> None:
    """Measure what is new, write after each idea."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--set", default="held-out photographs")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--features", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    ideas = tomllib.loads(IDEAS.read_text(encoding="utf-8"))["idea"]
    terms = {"set": args.set, "limit": args.limit}
    old = json.loads(args.out.read_text()) if args.out.is_file() else {}
    ideas_of_before = old["ideas"] if all(old.get(key) == terms[key] for key in terms) else []
    known = {_measured(entry["idea"]): entry for entry in ideas_of_before}
    done: list[dict[str, Any]] = []
    for idea in ideas:
        key = _measured(idea)
        done.append(known[key] | {"idea": idea} if key in known else measure(idea, args))
        eye = done[-1]["films"]["eye"]["model"]
        values = "".join(f"{eye[key][0]:9.2f}" for key in FIGURES if key in eye)
        print(f"{idea['name']:<28}{values}", flush=True)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        result = {"benchmark": "campaign", **terms, "ideas": done}
        args.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
