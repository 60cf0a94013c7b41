from __future__ import annotations

from pathlib import Path

import pytest

from photochrom.inference.folder.inputs import Inputs
from photochrom.inference.folder.plan import Plan


@pytest.mark.parametrize(
    ("texts", "output"),
    [
        (["."], None),
        (["."], "."),
        (["."], "x"),
        (["x"], "."),
        (["x", "b.png"], None),
        (["*.jpg"], None),
        (["**/*.jpg"], "x/y"),
        (["x/?.jpg", "link.png"], None),
    ],
)
def test_named_is_what_would_be_found(tmp_path: Path, texts: list[str], output: str | None) -> None:
    files = ["a.jpg", "b.png", ".c.jpg", "x/a.jpg", "x/.d/a.jpg", "x/y/b.jpg", "x/y/z/c.png"]
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "link.png").symlink_to("b.png")
    out = None if output is None else tmp_path / output
    inputs = [str(tmp_path / text) for text in texts]
    found = {job.source.resolve() for job in Plan(inputs, output=out)}
    named = Inputs(inputs, out)
    assert {tmp_path / name for name in files if named.name(tmp_path / name)} == found
    alone = {Path(text).resolve() for text in inputs if Path(text).is_file()}
    assert {tmp_path / name for name in files if named.names_alone(tmp_path / name)} == alone
