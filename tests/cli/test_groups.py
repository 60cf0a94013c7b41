"""Commands that are misspelled."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from photochrom.cli.main import photochrom


@pytest.mark.parametrize(
    ("args", "said"),
    [(["colorise"], "no command 'colorise'; did you mean colorize"),
     (["color", "a.jpg"], "did you mean colorize"),
     (["model"], "did you mean models"),
     (["eval"], "did you mean evaluate"),
     (["models", "shwo"], "did you mean show"),
     (["models", "list"], "there are: add, remove, show"),
     (["data", "pak"], "did you mean pack"),
     (["weights", "imprt"], "did you mean import"),
     (["zzz"], "there are: colorize, models, ")],
)  # fmt: skip
def test_the_nearest_commands_are_offered(args: list[str], said: str) -> None:
    done = CliRunner().invoke(photochrom, args)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


@pytest.mark.parametrize("name", ["grandma.jpg", "my album", "-"])
def test_a_photograph_without_a_command(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grandma.jpg").write_text("")
    (tmp_path / "my album").mkdir()
    done = CliRunner().invoke(photochrom, [name])
    assert done.exit_code == 2
    shown = f"'{name}'" if " " in name else name
    assert f"to color it: photochrom colorize {shown}" in done.output
