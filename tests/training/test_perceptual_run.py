"""A run with a perceptual part: its encoder leaves no trace but the loss."""

from __future__ import annotations

import io
from pathlib import Path

import torch
from rich.console import Console
from safetensors.torch import load_file

from photochrom.recipes import find_recipe
from photochrom.training.config import Recipe
from photochrom.training.loop import train
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from tests.training.test_loop import TINY, StopAt, rows_of

PERCEPTUAL = "{encoder='resnet10t', pretrained='none', layers=['conv1.0', 'layer1']}"


def recipe(*overrides: str) -> Recipe:
    return read_recipe(find_recipe("photochrom"), [*TINY, "training.images=12", *overrides])


def go(chosen: Recipe, pictures: Path, out: Path, progress: ProgressLine) -> dict:
    train(chosen, [str(pictures)], out, progress=progress, device="cpu")
    return load_file(out / "checkpoint.safetensors")


def test_trains_warns_and_resumes_without_a_trace_of_the_encoder(
    pictures: Path, tmp_path: Path
) -> None:
    chosen = recipe(f"loss.perceptual={PERCEPTUAL}", "training.epoch_images=12")
    said = io.StringIO()
    whole = go(chosen, pictures, tmp_path / "whole", ProgressLine(Console(file=said)))
    assert "warning: loss.perceptual: untrained features of resnet10t" in said.getvalue()
    row = rows_of(tmp_path / "whole")[-1]
    assert float(row["train/perceptual"]) > 0
    plain = go(recipe(), pictures, tmp_path / "plain", ProgressLine(Console(file=io.StringIO())))
    assert whole.keys() == plain.keys()
    key = "task.network.head.weight"
    assert not torch.equal(whole[key], plain[key])
    for progress in (StopAt(4), ProgressLine(Console(file=io.StringIO()))):
        parted = go(chosen, pictures, tmp_path / "parted", progress)
    assert [k for k in whole if not torch.equal(whole[k], parted[k])] == []
