"""``photochrom train`` as people run it."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

pytest.importorskip("torch")

from photochrom.architectures.cards import NETWORKS
from photochrom.cli import main as command_line
from photochrom.recipes import find_recipe
from photochrom.training import loop
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from photochrom.weights.checkpoints import read_checkpoint
from tests.training import tiny
from tests.training.conftest import write_recipe

TINY = [
    "encoder.pretrained=none",
    "network.options.widths=[16, 16, 16, 16]",
    "data.size=32",
    "data.validation=2",
    "training.batch_size=4",
]
SHORT = [*TINY, "data.workers=0", "training.images=8", "training.epoch_images=8"]


def arguments(pictures: Path, out: Path, overrides: list[str], recipe: str = "photochrom") -> list:
    sets = [part for override in overrides for part in ("--set", override)]
    return ["train", recipe, "-d", str(pictures), "-o", str(out), "--device", "cpu", *sets]


def run_main(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str]:
    """Exit status and standard error of the whole program, in this process."""
    monkeypatch.setattr(sys, "argv", ["photochrom", *words])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    return int(ended.value.code or 0), capsys.readouterr().err


def test_finishes_and_says_where(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs" / "mine"
    result = CliRunner().invoke(command_line.photochrom, arguments(pictures, out, SHORT))
    assert result.exit_code == 0, result.output
    assert "finished after 8 images" in " ".join(result.output.split())
    assert read_checkpoint(out / "checkpoint.safetensors")[1]["images"] == 8
    again = CliRunner().invoke(command_line.photochrom, arguments(pictures, out, SHORT))
    assert again.exit_code == 0
    assert "finished after 8 images" in " ".join(again.output.split())


@pytest.mark.parametrize(("steps", "status"), [("150", 0), ("3", 1)])
def test_overfit_says_so_and_exits_so(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: str, status: int
) -> None:
    monkeypatch.setitem(NETWORKS._cards, "tiny", tiny.CARD)
    recipe = write_recipe(tmp_path / "tiny.toml")
    # One bin for each side of gray, so that two convolutions can do it.
    sets = ["training.learning_rate=0.05", "loss.cross-entropy.sigma=60", "bins.count=2"]
    words = arguments(pictures, tmp_path / "out", sets, recipe=recipe)
    words += ["--overfit", "1", "--overfit-steps", steps]
    result = CliRunner().invoke(command_line.photochrom, words)
    assert result.exit_code == status, result.output
    said = " ".join(result.output.split())
    assert ("1 crop learned by heart" in said) == (status == 0)
    assert ("1 crop NOT learned" in said) == (status == 1)
    assert "overfit.jpg" in said


def test_a_recipe_of_ones_own(pictures: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    text = find_recipe("photochrom").read_text(encoding="utf-8")
    mine.write_text(text.replace('name = "photochrom"\nseed', 'name = "mine"\nseed', 1))
    words = arguments(pictures, tmp_path / "out", SHORT, recipe=str(mine))
    assert CliRunner().invoke(command_line.photochrom, words).exit_code == 0
    facts = read_checkpoint(tmp_path / "out" / "checkpoint.safetensors")[1]
    assert facts["recipe"]["name"] == "mine"
    assert facts["recipe"]["network"]["name"] == "photochrom"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recipe": "photocrom"}, "did you mean photochrom"),
        ({"overrides": ["training.batchsize=3"]}, "training.batchsize"),
        ({"overrides": [*SHORT, "network.options.depth=3"]}, "network.options"),
        ({"overrides": [*SHORT, "encoder.name=mobilenet_v9"]}, "mobilenet_v9"),
        ({"overrides": [*SHORT, "training.start_from=gone.safetensors"]}, "gone.safetensors"),
        ({"pictures": Path("nowhere")}, "nowhere"),
    ],
)
def test_errors_are_one_line(
    change: dict,
    said: str,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {"pictures": pictures, "out": tmp_path / "out", "overrides": SHORT} | change
    status, error = run_main(monkeypatch, capsys, *arguments(**given))
    assert status == (2 if said in ("did you mean photochrom", "mobilenet_v9") else 1)
    assert error.startswith("photochrom: ")
    assert error.count("\n") == 1
    assert said in error


def test_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, error = run_main(monkeypatch, capsys, "train", "photochrom", "-o", str(tmp_path))
    assert status == 2
    assert "--data" in error


def test_interrupted_before_the_first_step(
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "train", interrupted)
    status, error = run_main(monkeypatch, capsys, *arguments(pictures, tmp_path, SHORT))
    assert status == 130
    assert error.strip() == "photochrom: stopped; the same command continues"


class StopSoon(ProgressLine):
    """Asks the run to stop at its second step, as a system that ends does; keeps what was said."""

    def __init__(self) -> None:
        self.said = io.StringIO()
        super().__init__(Console(file=self.said))
        self.steps = 0

    def update(self, position: int, parts: dict[str, float]) -> None:
        self.steps += 1
        if self.steps == 2:
            signal.raise_signal(signal.SIGTERM)


def test_a_signal_saves_and_the_run_continues(pictures: Path, tmp_path: Path) -> None:
    # With a worker, as recipes have it: it must outlive the signal until its batches are used.
    overrides = [*TINY, "data.workers=1", "training.images=1000000", "training.epoch_images=8"]
    command = [sys.executable, "-m", "photochrom", *arguments(pictures, tmp_path, overrides)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("16 images"):
                break
        process.send_signal(signal.SIGINT)
        said += process.communicate(timeout=120)[1].splitlines()
    assert process.returncode == 130, said
    assert "stopped; the same command continues" in " ".join(said)
    images = read_checkpoint(tmp_path / "checkpoint.safetensors")[1]["images"]
    assert 16 <= images < 1000000
    progress = StopSoon()
    recipe = read_recipe(find_recipe("photochrom"), overrides)
    result = loop.train(recipe, [str(pictures)], tmp_path, progress=progress, device="cpu")
    assert f"continuing at {images:,} images" in progress.said.getvalue()
    assert result.images == images + 8
    assert not result.finished
