"""What a run leaves behind, and the arithmetic that it runs on."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

from photochrom.errors import TrainingError
from photochrom.training.average import Average
from photochrom.training.config import TrainingConfig
from photochrom.training.logbook import Logbook
from photochrom.training.progress import ProgressLine
from photochrom.training.samples import draw_samples
from photochrom.training.schedule import rate_factor


def read(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "metrics.csv").read_text())))


def test_rows_after_the_start_are_dropped(tmp_path: Path) -> None:
    book = Logbook(tmp_path, start=0)
    for images in (10, 20, 30):
        book.add({"loss": float(images)})
        book.record(images)
    book.close()
    book = Logbook(tmp_path, start=20)
    book.add({"loss": 7.0})
    book.record(30, **{"validation/loss": 5.0})
    book.close()
    assert [r["images"] for r in read(tmp_path)] == ["10", "20", "30"]
    assert [r["train/loss"] for r in read(tmp_path)] == ["10", "15", "7"]
    assert [r["validation/loss"] for r in read(tmp_path)] == ["", "", "5"]
    Logbook(tmp_path, start=0).close()


def test_a_resumed_book_remembers_the_last_steps(tmp_path: Path) -> None:
    book = Logbook(tmp_path, start=0)
    for value in range(250):
        book.add({"loss": value / 3})
    memory = json.loads(json.dumps(book.memory()))
    other = Logbook(tmp_path, start=0, recent=memory)
    for each in (book, other):
        each.add({"loss": 1.0})
        each.close()
    assert other.recent() == book.recent()


def test_only_one_process_writes(tmp_path: Path) -> None:
    book = Logbook(tmp_path / "none", start=0, writes=False)
    book.add({"loss": 1.0})
    book.record(4)
    book.close()
    assert book.recent() == {"loss": 1.0}
    assert not (tmp_path / "none").exists()


def test_the_mean_forgets_old_steps(tmp_path: Path) -> None:
    book = Logbook(tmp_path, start=0)
    for value in range(300):
        book.add({"loss": float(value)})
    assert book.recent() == {"loss": pytest.approx(np.arange(100, 300).mean())}
    book.close()


def test_tensorboard_and_the_curve_hold_what_was_recorded(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    book = Logbook(tmp_path, start=0)
    for images, loss in ((16, 3.0), (32, 2.0)):
        book.add({"loss": loss})
        book.record(images, **{"validation/loss": loss + 1})
    book.close()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("validation/loss")] == [(16, 4), (32, 3)]
    assert [e.value for e in events.Scalars("train/loss")] == [3, 2.5]
    with Image.open(tmp_path / "loss.png") as image:
        drawn = np.asarray(image.convert("RGB")).astype(int)
    assert (np.ptp(drawn, axis=2) > 60).sum() > 200


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (3, 1, 3), (4, 1, 4), (9, 3, 4)])
def test_samples_are_gray_predicted_and_true(
    tmp_path: Path, count: int, rows: int, columns: int
) -> None:
    red = torch.zeros(count, 3, 16, 16, dtype=torch.uint8)
    red[:, 0] = 200

    def blue(lightness: torch.Tensor) -> torch.Tensor:
        return torch.tensor([10.0, -60.0]).reshape(1, 2, 1, 1).expand(len(lightness), 2, 16, 16)

    draw_samples(SimpleNamespace(colorize=blue), red, tmp_path / "s.jpg")
    with Image.open(tmp_path / "s.jpg") as image:
        sheet = np.asarray(image).astype(int)
    assert sheet.shape == (16 * rows, 16 * 3 * columns, 3)
    for index in range(rows * columns):
        top, left = 16 * (index // columns), 48 * (index % columns)
        tile = sheet[top : top + 16, left : left + 48]
        if index >= count:
            assert tile[:, 8:].min() > 200
            continue
        gray, predicted, true = (tile[6:10, x + 6 : x + 10] for x in (0, 16, 32))
        assert np.ptp(gray, axis=2).max() < 10
        assert (predicted[..., 2] > predicted[..., 0] + 40).all()
        assert (true[..., 0] > true[..., 2] + 150).all()


@pytest.mark.parametrize(
    "content", [b"images;loss\n10;3\n", b"images,loss\nten,3\n", b"\xff\xfe1\n2\n"]
)
def test_rows_that_no_run_wrote_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "metrics.csv").write_bytes(content)
    with pytest.raises(TrainingError, match=r"metrics\.csv is not what the run wrote"):
        Logbook(tmp_path, start=20)
    assert (tmp_path / "metrics.csv").read_bytes() == content


def test_average_by_hand() -> None:
    weight = torch.nn.Parameter(torch.tensor([0.0]))
    average = Average({"w": weight}, decay=0.5)
    expected = 0.0
    for step in range(30):
        weight.data.fill_(step + 1.0)
        average.update(step)
        decay = min(0.5, step / (9 + step))
        expected = decay * expected + (1 - decay) * (step + 1)
        assert average.values["w"].item() == pytest.approx(expected, rel=1e-5)
    with average.in_place():
        assert weight.item() == pytest.approx(expected, rel=1e-5)
    assert weight.item() == 30


@pytest.mark.parametrize(
    ("schedule", "warmup", "progress", "factor"),
    [
        ("one-cycle", 0.1, 0.0, 0.01),
        ("one-cycle", 0.1, 0.05, 0.5),
        ("one-cycle", 0.1, 0.1, 1.0),
        ("one-cycle", 0.1, 0.55, 0.505),
        ("one-cycle", 0.1, 1.0, 0.01),
        ("one-cycle", 0.0, 0.0, 1.0),
        ("one-cycle", 0.0, 0.25, 0.01 + 0.495 * (1 + math.sqrt(0.5))),
        ("one-cycle", 1.0, 0.5, 0.5),
        ("cosine", 0.5, 0.0, 1.0),
        ("cosine", 0.5, 0.5, 0.505),
        ("cosine", 0.5, 1.0, 0.01),
        ("step", 0.1, 0.05, 0.5),
        ("step", 0.1, 0.24, 1.0),
        ("step", 0.1, 0.25, 0.5),
        ("step", 0.0, 0.99, 0.125),
        ("constant", 0.2, 0.1, 0.5),
        ("constant", 0.2, 0.2, 1.0),
        ("constant", 0.0, 1.0, 1.0),
    ],
)
def test_rates(schedule: str, warmup: float, progress: float, factor: float) -> None:
    settings = TrainingConfig(images=1, schedule=schedule, warmup=warmup)
    assert rate_factor(progress, settings) == pytest.approx(factor)


def test_progress_where_no_one_watches() -> None:
    text = io.StringIO()
    line = ProgressLine(Console(file=text, width=200), seconds=0)
    line.start("mine", 1000, 2000)
    line.update(1500, {"loss": 1.25})
    line.note(2000, {"loss": 1.0})
    line.stop()
    said = text.getvalue()
    assert "mine: continuing at 1,000 images" in said
    assert "1,500/2,000" in said
    assert "loss 1.2500" in said
    assert "2,000 images: loss 1.0000" in said


def test_progress_says_little() -> None:
    text = io.StringIO()
    line = ProgressLine(Console(file=text), seconds=1000)
    line.start("mine", 0, 2000)
    for position in range(100):
        line.update(position, {"loss": 1.0})
    line.stop()
    assert text.getvalue() == ""


def test_progress_on_a_terminal() -> None:
    text = io.StringIO()
    line = ProgressLine(Console(file=text, force_terminal=True, width=120))
    line.start("mine", 0, 40)
    line.update(20, {"loss": 1.5})
    line.stop()
    assert "20/40" in text.getvalue()
    assert "loss 1.5000" in text.getvalue()


def test_parts_of_a_phase_that_has_ended_are_forgotten(tmp_path: Path) -> None:
    book = Logbook(tmp_path, start=0)
    book.add({"loss": 1.0, "huber": 1.0})
    book.add({"loss": 3.0, "huber": 1.0})
    assert book.recent() == {"loss": 2.0, "huber": 1.0}
    book.add({"critic_loss": 0.5})
    assert book.recent() == {"critic_loss": 0.5}
    book.close()


def test_the_line_ends_where_the_run_fails() -> None:
    line = ProgressLine(Console(file=io.StringIO(), force_terminal=True))

    def fail() -> None:
        with line.running("run", 0, 10):
            assert line._live is not None
            assert line._live.live.is_started
            message = "half way"
            raise ValueError(message)

    with pytest.raises(ValueError, match="half way"):
        fail()
    assert line._live is not None
    assert not line._live.live.is_started
