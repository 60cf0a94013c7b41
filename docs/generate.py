"""Writes the generated pages of docs/ and the generated blocks of README.md.

    python docs/generate.py [--check]

``--check`` writes nothing and exits with 1 if a page is stale. Everything comes from the code and
from ``benchmarks/results/*.json``: no figure in the documentation is typed by hand.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from generator.cards import metrics_page, networks_page
from generator.commands import commands_page
from generator.model_card import model_card_page
from generator.public_sets import public_sets_page
from generator.python_api import python_page
from generator.recipe import recipe_page
from generator.results import load_results, results_pages, table_of
from generator.systems import system_pages

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
NOTICE = "<!-- Written by scripts/docs: edit the code that it comes from. -->\n\n"
BLOCK = re.compile(
    r"(?P<start><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end generated -->)",
    re.DOTALL,
)


def fill_blocks(text: str, results: Path) -> str:
    """Fill every ``<!-- generated: NAME -->`` block with the table of ``results/NAME.json``."""
    loaded = load_results(results)

    def fill(match: re.Match[str]) -> str:
        return match["start"] + table_of(match["name"], loaded) + "\n" + match["end"]

    return BLOCK.sub(fill, text)


def pages(root: Path = ROOT, results: Path = RESULTS) -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    readme = root / "README.md"
    loaded = load_results(results)
    systems = {
        root / "docs" / "systems" / f"{name}.md": NOTICE + page
        for name, page in system_pages(loaded).items()
    }
    found = {
        root / "docs" / "results" / f"{name}.md": NOTICE + page
        for name, page in results_pages(loaded).items()
    }
    return (
        systems
        | found
        | {
            root / "docs" / "reference" / "cli.md": NOTICE + commands_page(),
            root / "docs" / "reference" / "python.md": NOTICE + python_page(),
            root / "docs" / "reference" / "recipe.md": NOTICE + recipe_page(),
            root / "docs" / "reference" / "public-sets.md": NOTICE + public_sets_page(),
            root / "docs" / "networks.md": NOTICE + networks_page(),
            root / "docs" / "metrics.md": NOTICE + metrics_page(),
            root / "docs" / "model-card.md": NOTICE + model_card_page(),
            readme: fill_blocks(readme.read_text(encoding="utf-8"), results),
        }
    )


def main() -> int:
    """Write what is stale, or only name it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if stale")
    check = parser.parse_args().check
    stale = 0
    for path, text in pages().items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        name = path.relative_to(ROOT)
        print(f"{name} is stale: run scripts/docs" if check else f"wrote {name}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
