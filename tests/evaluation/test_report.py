"""The page: complete by itself, sortable, and fit for a desk and a phone, in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from photochrom.color.spaces import rgb_to_lab
from photochrom.evaluation.methods import Method
from photochrom.evaluation.report.cases import error_map, ranked, spread
from photochrom.evaluation.report.page import write_page
from photochrom.evaluation.runner import Trial, run_trial
from photochrom.evaluation.tally import Record
from photochrom.evaluation.verdict import decide
from photochrom.evaluation.view import View
from tests.evaluation.test_runner import broken, folder, reddish

__all__ = ["folder"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LONG = "a model with quite a long name.onnx@0.35:0.65"


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    methods = (
        Method("red", reddish, {"parameters": 1_234_567}),
        Method(LONG, reddish),
        Method("<b>", broken),
    )
    trial = Trial((str(folder),), methods, ("auc", "rebalanced-auc"), View(64))
    verdict = decide(trial, run_trial(trial, jobs=1), {})
    return write_page(trial, verdict, command="photochrom evaluate <b>", version="9.9")


class Tags(HTMLParser):
    """Open tags that must be closed, and all addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.count: dict[str, int] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href")]
        if tag not in ("meta", "img", "path", "rect", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1


def test_the_page_needs_nothing_beside_it(page: str) -> None:
    tags = Tags(page)
    assert tags.open == []
    assert tags.addresses
    assert all(address.startswith("data:image/webp;base64,") for address in tags.addresses)
    assert "http" not in page.replace("http-equiv", "")
    assert "$" not in re.sub(r"<script>.*</script>", "", page, flags=re.DOTALL)


def test_the_page_says_all(page: str) -> None:
    tags = Tags(page)
    assert tags.count["table"] == 2
    assert tags.count["svg"] >= 5
    for text in (
        "7 pictures",
        "1,234,567",
        "no numbers",
        "forest",
        "photochrom 9.9",
        "Worst".lower(),
    ):
        assert text in page
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


SCRIPT = """<script>
addEventListener("load", () => {
  const heads = document.querySelectorAll("table")[0].tHead.rows[0].cells;
  heads[1].querySelector("button").click();
  const names = [...document.querySelectorAll("table")[0].tBodies[0].rows].map(
    (row) => row.cells[0].textContent);
  const seen = [...document.images].filter((i) => i.complete && i.naturalWidth).length;
  const found = JSON.stringify(
    {wide: document.documentElement.scrollWidth, inside: innerWidth, names, seen});
  parent.postMessage(found, "*");
});
</script></body>"""

# The browser's own window is never narrower than 500 pixels; a frame is.
FRAME = """<body style="margin:0"><script>
addEventListener("message", (event) => { document.body.dataset.found = event.data; });
</script><iframe src="page.html" style="border:0" width="WIDTH" height="800"></iframe></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs the browser Chromium")
@pytest.mark.parametrize("width", [1280, 430, 360])
def test_in_a_browser(page: str, width: int, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    eager = page.replace(' loading="lazy"', "").replace("</body>", SCRIPT)
    file.write_text(eager, encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    assert CHROMIUM
    found = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,900",
            f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=8000", "--dump-dom",
            frame.as_uri(),
        ],
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    values = re.search(r'data-found="([^"]*)"', found)
    assert values
    text = values[1].replace("&quot;", '"')
    # Wide tables scroll inside the page; the page itself never does.
    wide, inside = (int(re.search(rf'"{key}":(\d+)', text)[1]) for key in ("wide", "inside"))  # type: ignore[index]
    assert inside == width
    assert wide <= inside
    names = re.search(r'"names":\[(.*?)\]', text)
    assert names
    order = [name.strip('"') for name in names[1].split(",")]
    assert order[0] == "truth"
    seen = re.search(r'"seen":(\d+)', text)
    assert seen
    assert int(seen[1]) > 40


def test_error_maps_are_black_where_right() -> None:
    true = np.full((3, 4, 4), 120, np.uint8)
    wrong = true.copy()
    wrong[0, :2] = 255
    shown = error_map(wrong, true)
    error = np.hypot(*(rgb_to_lab(wrong[:, :1, :1] / np.float32(255))[1:]))[0, 0]
    assert shown[:, 2:].max() == 0
    assert shown[0, 0, 0] == 255 if error > 20 else shown[0, 0, 0] == round(error / 20 * 255)


def test_cases_are_the_best_the_typical_and_the_worst() -> None:
    records = [Record(i, f"{i}", {"m": float((i * 7) % 11)}) for i in range(11)]
    found = ranked(records, "m", 3)
    errors = {kind: [r.errors["m"] for r in chosen] for kind, chosen in found.items()}
    assert errors == {"best": [0, 1, 2], "typical": [4, 5, 6], "worst": [10, 9, 8]}
    assert [len(v) for v in ranked(records[:1], "m", 3).values()] == [1, 1, 1]
    assert [r.index for r in spread(records, 3)] == [1, 5, 9]
    assert len(spread(records, 50)) == 11
