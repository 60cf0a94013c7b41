"""Documentation that cannot drift: what exists is described, and what is described exists."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import generate
import photochrom
from generator.commands import commands
from generator.results import load_results, results_pages, table_of
from tests.conftest import scene

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
TEXTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
COMMANDS = dict(commands())

LINK = re.compile(r"\]\(([^()\s]+)\)|<img[^>]+src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
SCRIPT = re.compile(r"\b((?:scripts|benchmarks|\.ci)/[\w.-]+)")


def without_code(text: str) -> str:
    """Markdown text without its code blocks, where a # is no heading and nothing a link."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The names under which a page's headings can be linked."""
    plain = (re.sub(r"[^\w\- ]", "", h.lower()) for h in HEADING.findall(without_code(text)))
    return {name.strip().replace(" ", "-") for name in plain}


def dead_links(text: str, folder: Path, own_anchors: set[str]) -> list[str]:
    """Relative links of a text that lead to no file or no heading."""
    dead = []
    for link in ("".join(pair) for pair in LINK.findall(without_code(text))):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = folder / path
        if path and not target.exists():
            dead.append(link)
        elif anchor:
            known = anchors(target.read_text(encoding="utf-8")) if path else own_anchors
            if anchor not in known:
                dead.append(link)
    return dead


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    help_text = COMMANDS[name].command.help or ""
    assert help_text.strip(), "no help"
    assert re.search(r"Example: photochrom\b", help_text)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    for parameter in COMMANDS[name].command.params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", None), parameter.opts


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_reference(name: str) -> None:
    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert f"\n## {name}\n" in page
    assert f"Usage: {name} " in page


def test_the_short_help_lists_the_commands_that_exist() -> None:
    from photochrom.cli.main import COMMANDS as listed

    assert {name.split()[1] for name in COMMANDS if name.count(" ") == 1} == set(listed)


@pytest.mark.parametrize("name", photochrom.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    page = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    assert f"\n## photochrom.{name}\n" in page
    if not name.startswith("__"):
        assert (getattr(photochrom, name).__doc__ or "").strip()


def test_generated_docs_are_fresh(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 0, capsys.readouterr().out


def test_a_stale_page_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = DOCS / "networks.md"
    before = page.read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    monkeypatch.setattr(generate, "pages", lambda: {page: before + "one network more\n"})
    assert generate.main() == 1
    assert "networks.md is stale" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8") == before


def test_tables_come_from_the_stored_results(tmp_path: Path) -> None:
    row = {"auc": 88.5, "rebalanced_auc": 68.14, "colorfulness": 0.0, "psnr": None}
    rows = [{"method": "gray", "colorfulness_difference": 41.2, **row}]
    facts = {"set": "pictures", "pictures": 1234, "side": 256, "models": {"photochrom": "1"}}
    result = {"benchmark": "quality", **facts, "rows": rows}
    (tmp_path / "quality.json").write_text(json.dumps(result))
    (tmp_path / "another.json").write_text(json.dumps({"rows": [{"size": 3, "time": 0.25}]}))
    loaded = load_results(tmp_path)
    assert "| gray | 88.50 | 68.14 | 0.0 | 41.2 | – |" in table_of("quality", loaded)
    assert "1,234 pictures" in results_pages(loaded)["quality"]
    assert "| 3 | 0.25 |" in results_pages(loaded)["speed"]
    assert all(f"({page}.md)" in results_pages(loaded)["index"] for page in ("trial", "training"))
    block = "<!-- generated: quality -->\nold\n<!-- end generated -->"
    filled = generate.fill_blocks(f"before\n{block}\nafter", tmp_path)
    assert filled.startswith("before\n<!-- generated: quality -->\n")
    assert filled.endswith("<!-- end generated -->\nafter")
    assert "68.14" in filled
    assert "old" not in filled
    assert generate.fill_blocks(filled, tmp_path) == filled


def test_the_dial_is_that_of_the_card(tmp_path: Path) -> None:
    row = {"auc": 88.5, "rebalanced_auc": 68.14, "colorfulness": 0.0, "psnr": None}
    names = ("gray", "photochrom", "photochrom 0:1", "photochrom 0.9:0.1", "truth")
    rows = [{"method": n, "colorfulness_difference": i, **row} for i, n in enumerate(names)]
    facts = {"set": "pictures", "pictures": 9, "side": 256, "models": {"photochrom": "1"}}
    result = {"benchmark": "quality", **facts, "rows": rows}
    (tmp_path / "quality.json").write_text(json.dumps(result))
    lines = table_of("dial", load_results(tmp_path)).splitlines()[4:]
    assert [line.split(" | ")[0] for line in lines] == [
        "| gray", "| vividness 0", "| vividness 0.5, the default", "| truth",
    ]  # fmt: skip
    assert lines[1].endswith("| 2.0 | – |")


def test_wild_pictures_stand_beside_those_that_chose_the_dial(tmp_path: Path) -> None:
    row = {"auc": 88.5, "rebalanced_auc": 68.14, "colorfulness": 0.0, "psnr": None}
    rows = [
        {"method": n, "colorfulness_difference": 1, **row} for n in ("gray", "photochrom", "truth")
    ]
    facts = {"pictures": 9, "side": 256, "models": {"photochrom": "1"}, "benchmark": "quality"}
    for name, auc in (("quality", 90.11), ("quality-wild", 87.22)):
        rows[1]["auc"] = auc
        result = {**facts, "set": f"pictures of {name}", "rows": rows}
        (tmp_path / f"{name}.json").write_text(json.dumps(result))
    loaded = load_results(tmp_path)
    page = results_pages(loaded)["quality"]
    for text in (table_of("dial", loaded), page):
        before, wild = text.split("9 pictures of quality-wild, 256")
        assert "90.11" in before
        assert "chosen on these pictures" in before
        assert "87.22" in wild
        assert "| gray |" in wild
    assert "of the keys, in order" in page


def test_what_the_readme_promises_beside_its_tables() -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert "444 photographs from sources that no training set contains" in readme
    assert "were chosen on these pictures" in readme
    license_line = readme.rpartition("## Contributing and license")[2]
    assert "Apache-2.0" in license_line
    assert "research-use photographs" in license_line
    assert "20 minutes on 2 cores" in (ROOT / "scripts" / "test").read_text(encoding="utf-8")


def test_old_prints_are_old_in_looks_and_always_the_same() -> None:
    pytest.importorskip("torch")
    import old_prints

    photo = Image.fromarray(scene(90, 120))
    plain, again = (old_prints.old_print(photo, 1) for _ in range(2))
    assert plain.mode == "L"
    assert plain.tobytes() == again.tobytes()
    assert plain.tobytes() != photo.convert("L").tobytes()
    assert plain.tobytes() != old_prints.old_print(photo, 2).tobytes()
    toned = np.asarray(old_prints.old_print(photo, 1, toned=True)).astype(int)
    assert (toned[..., 0] > toned[..., 2]).mean() > 0.9


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert dead_links(text, path.parent, anchors(text)) == []


def test_a_dead_link_is_noticed() -> None:
    text = "# A b\n[x](no/such.md) [y](README.md#nowhere) [z](#a-b) [w](https://example.org)"
    assert dead_links(text, ROOT, anchors(text)) == ["no/such.md", "README.md#nowhere"]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_that_are_named_exist(path: Path) -> None:
    named = {name.rstrip(".") for name in SCRIPT.findall(path.read_text(encoding="utf-8"))}
    missing = {n for n in named if not (ROOT / n).exists() and not n.startswith("benchmarks/res")}
    assert missing == set()


def test_the_two_commands_of_the_readme_can_be_run() -> None:
    text = README.read_text(encoding="utf-8")
    for script in ("scripts/colorize", "scripts/test"):
        assert script in text
        assert (ROOT / script).stat().st_mode & 0o111, f"{script} is not executable"


def test_commands_in_texts_are_real() -> None:
    """Every `photochrom NAME` in a shell block names a command, with all options that it needs."""
    known = {n.removeprefix("photochrom ").strip(): c.command.params for n, c in COMMANDS.items()}
    options = {name: {o for p in found for o in p.opts} for name, found in known.items()}
    for path in TEXTS:
        for block in re.findall(r"```(?:bash|sh|shell)\n(.*?)```", path.read_text(), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                used = re.match(r"(?:photochrom|scripts/(?=colorize)) ?([a-z]+)\b(.*)", line)
                if used is None:
                    continue
                command, rest = used.groups()
                assert command in options, f"{path.name}: {line}"
                names = set(re.findall(r"(?<=\s)--?[a-z][\w-]*", rest.partition("#")[0]))
                inner = {o for n in options if n.startswith(f"{command} ") for o in options[n]}
                unknown = names - options[command] - inner - {"--help"}
                assert not unknown, f"{path.name}: {line}"
                whole = f"{command} {rest.split()[0]}" if rest.split() else command
                for parameter in known[whole if whole in known else command]:
                    if parameter.param_type_name == "option" and parameter.required:
                        assert names & set(parameter.opts), f"{path.name}: {line}"


def test_the_table_of_the_data_benchmark(tmp_path: Path) -> None:
    network = {"recipe": "photochrom", "size": 96, "images": 41.2, "film_images": 35.9}
    figures = {"open_seconds": 0.5, "crops_seconds": 3.0, "peak_megabytes": 230.4}
    sizes = [
        {"kind": kind, "pictures": count, **figures}
        for kind in ("shards", "files")
        for count in (1000, 30000)
    ]
    facts = {"machine": "x86_64", "cores": 2, "crops_per_second": 658.0, "to_fastest": 16.0}
    result = {"benchmark": "data", **facts, "fastest": "photochrom", "networks": [network],
              "memory": sizes, "growth": {"shards": 0.002, "files": 0.009}}  # fmt: skip
    (tmp_path / "data.json").write_text(json.dumps(result))
    page = results_pages(load_results(tmp_path))["training"]
    assert "658 crops, 16.0 times what `photochrom` uses" in page
    assert "0.2% for shards, 0.9% for files" in page
    assert "| `photochrom` | 96 | 41.2 | 35.9 |" in page
    assert "| files | 30,000 | 0.50 | 230 |" in page


def test_the_tables_of_hints_and_alternatives(tmp_path: Path) -> None:
    facts = {"set": "pictures", "pictures": 1234, "side": 256, "models": {"photochrom": "1"}}
    row = {"psnr": 26.4, "gain": 2.5, "gain_interval": 0.25, "ab_error": 9.86}
    hints = {"benchmark": "hints", **facts, "rows": [{"dial": "usual", "points": 10, **row}]}
    hints["references"] = [{"reference": "its own colors", "gain": 4.26, "gain_interval": 0.7}]
    (tmp_path / "hints.json").write_text(json.dumps(hints))
    others = {"benchmark": "alternatives", **facts, "count": 3, "found": 2.94, "apart": 28.9}
    others |= {"within": 20.0, "rows": [{"method": "the best", **row}]}
    others["reliability"] = [{"stated": 0.953, "near": 0.971, "share": 0.2}]
    (tmp_path / "alternatives.json").write_text(json.dumps(others))
    loaded = load_results(tmp_path)
    assert "| usual | 10 | 26.40 | 2.50 | ±0.25 | 9.9 |" in table_of("hints", loaded)
    assert "| its own colors | 4.26 | ±0.70 |" in table_of("hints", loaded)
    assert "2.9 of 3 alternatives" in table_of("alternatives", loaded)
    assert "| the best | 26.40 | 2.50 | ±0.25 | 9.9 |" in table_of("alternatives", loaded)
    assert "| 95% | 97% | 20% |" in table_of("alternatives", loaded)


def test_the_table_of_the_folder_benchmark(tmp_path: Path) -> None:
    rates = {"cpu_seconds": 0.1112, "skipped_per_second": 812.4}
    rows = [{"workers": n, "per_second": 8.5 * n, **rates} for n in (1, 2)]
    facts = {"machine": "x86_64", "cores": 2, "pictures": 200, "megapixels": 2.0}
    result = {"benchmark": "folder", **facts, "speedup": 1.94, "peak_megabytes": 210.2,
              "rows": rows}  # fmt: skip
    (tmp_path / "folder.json").write_text(json.dumps(result))
    page = results_pages(load_results(tmp_path))["speed"]
    assert "200 gray JPEGs of 2 Mpx, 2 cores" in page
    assert "1.94 times the rate of one (the median of turns); the peak is 210 MB" in page
    assert "| 2 | 17.00 | 0.111 | 812 |" in page
