"""What goes wrong in a run ends in one line, and never costs what was saved."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from photochrom.errors import (
    DataError,
    ModelError,
    RecipeError,
    TrainingError,
    UnknownName,
)
from photochrom.training import loop
from photochrom.training.overfit import overfit
from photochrom.training.task import ColorizationTask
from photochrom.weights import checkpoints
from photochrom.weights.checkpoints import read_checkpoint
from tests.conftest import scene
from tests.training.conftest import (
    Heard,
    run,
    tiny_program,
    tiny_recipe,
    write_recipe,
)

pytestmark = pytest.mark.usefixtures("tiny_network")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def diverges_at(monkeypatch: pytest.MonkeyPatch, step: int, value: float) -> None:
    """The loss of training step ``step`` (from 0) is multiplied by ``value``."""
    calls, plain = [], ColorizationTask.forward

    def forward(self: ColorizationTask, rgb: torch.Tensor, draws: object = None) -> dict:
        parts = plain(self, rgb, draws)
        if draws is not None:
            calls.append(1)
            if len(calls) == step + 1:
                return {k: v * value for k, v in parts.items()}
        return parts

    monkeypatch.setattr(ColorizationTask, "forward", forward)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("clip", [0, 1])
def test_a_loss_that_is_no_number_stops_the_run(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: float, clip: int
) -> None:
    recipe = tiny_recipe(training={"checkpoint_minutes": 0.0, "clip": clip})
    diverges_at(monkeypatch, 3, value)
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) at images 12 to 16") as error:
        run(recipe, pictures, tmp_path)
    assert "\n" not in str(error.value)
    assert "checkpoint.safetensors is as it was" in str(error.value)
    tensors, facts = read_checkpoint(tmp_path / "checkpoint.safetensors")
    assert facts["images"] == 12
    assert all(torch.isfinite(t).all() for t in tensors.values())
    names = (tmp_path / "diverged.txt").read_text().split()
    assert len(names) == 4
    assert all(f"{name}" in str(error.value) for name in names)
    # The names are those of the pictures that the step saw.
    monkeypatch.undo()
    seen = run_names(recipe, pictures)
    assert names == seen[12:16]


def run_names(recipe: object, pictures: Path) -> list[str]:
    from photochrom.data.sources import open_pictures
    from photochrom.training.batches import StagedCrops
    from photochrom.training.timeline import Place, Timeline

    timeline = Timeline(recipe, multiple_of=4)
    crops = StagedCrops(timeline, {0: loop.split_of(open_pictures([str(pictures)]), recipe)[0]})
    return [crops.name(Place(p, 16, 0)) for p in range(32)]


def test_a_gradient_that_is_no_number_stops_the_run(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
            return x.clone()

        @staticmethod
        def backward(ctx: object, gradient: torch.Tensor) -> torch.Tensor:
            return gradient * float("nan")

    plain = ColorizationTask.forward

    def forward(self: ColorizationTask, rgb: torch.Tensor, draws: object = None) -> dict:
        return {k: Broken.apply(v) for k, v in plain(self, rgb, draws).items()}

    monkeypatch.setattr(ColorizationTask, "forward", forward)
    with pytest.raises(TrainingError, match=r"the gradient is nan at images 0 to 4.*nothing was"):
        run(tiny_recipe(), pictures, tmp_path)


def test_broken_weights_are_not_saved(pictures: Path, tmp_path: Path) -> None:
    run(tiny_recipe(training={"images": 16}), pictures, tmp_path)
    before = digest(tmp_path / "checkpoint.safetensors")
    weight = {"w": torch.nn.Parameter(torch.tensor([float("inf")]))}
    with pytest.raises(TrainingError, match="weights of w are not finite after 8 images"):
        loop.check_weights(weight, 8, tmp_path / "checkpoint.safetensors")
    assert digest(tmp_path / "checkpoint.safetensors") == before


def test_a_full_disk_leaves_the_checkpoint(pictures: Path, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    # So wide that the checkpoint is the largest file of the run.
    recipe, out = tiny_recipe(bins={"count": 60}), tmp_path / "run"
    progress = Heard(lambda position: os.kill(os.getpid(), signal.SIGINT) if position > 4 else None)
    assert run(recipe, pictures, out, progress).images == 8
    before = digest(out / "checkpoint.safetensors")
    done = tiny_program(
        "train", write_recipe(tmp_path / "r.toml"), "-d", str(pictures), "-o", str(out),
        "--device", "cpu", "--set", "bins.count=60",
        FILE_LIMIT=str((out / "checkpoint.safetensors").stat().st_size - 1000),
    )  # fmt: skip
    assert done.returncode == 1
    assert "checkpoint.safetensors cannot be written: " in done.stderr
    assert "the one before it is intact" in done.stderr
    assert "os error" not in done.stderr
    assert "Traceback" not in done.stderr
    assert digest(out / "checkpoint.safetensors") == before
    assert [p.name for p in out.iterdir() if p.name.endswith(".part")] == []


@pytest.mark.parametrize("what", ["rows", "sheet"])
def test_other_refusals_of_the_system_are_one_line_too(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "metrics.csv"))

    target = {"rows": (loop.Logbook, "record"), "sheet": (loop, "draw_samples")}[what]
    monkeypatch.setattr(*target, full)
    with pytest.raises(TrainingError, match=r"metrics\.csv: no space left on device"):
        run(tiny_recipe(), pictures, tmp_path)


def test_a_checkpoint_of_another_network_is_refused(pictures: Path, tmp_path: Path) -> None:
    run(tiny_recipe(training={"images": 4}), pictures, tmp_path)
    path = tmp_path / "checkpoint.safetensors"
    other = {"network": {"options": {"norm": True}}}
    with pytest.raises(RecipeError, match=r"network\.options\.norm: None then, True now"):
        run(tiny_recipe(training={"images": 4}, **other), pictures, tmp_path)
    chosen = tiny_recipe(training={"images": 4, "start_from": str(path)}, **other)
    with pytest.raises(ModelError, match=r"start_from: .*another network"):
        run(chosen, pictures, tmp_path / "other")
    tensors, facts = read_checkpoint(path)
    facts["recipe"]["network"]["options"] = {"norm": True}
    header = {"format": checkpoints.FORMAT, "facts": json.dumps(facts)}
    save_file(tensors, path, metadata=header)
    with pytest.raises(ModelError, match="holds another network than the recipe's"):
        run(tiny_recipe(training={"images": 4}, **other), pictures, tmp_path)


def test_other_pictures_are_refused(pictures: Path, tmp_path: Path) -> None:
    copy = tmp_path / "pictures"
    shutil.copytree(pictures, copy)
    out = tmp_path / "run"
    run(tiny_recipe(training={"images": 8}), copy, out)
    # Elsewhere is not other: names are those below the folder.
    assert run(tiny_recipe(training={"images": 8}), pictures, out).finished
    (copy / "0.png").rename(copy / "zero.png")
    with pytest.raises(DataError, match=r"other pictures \(12 then, others now\)"):
        run(tiny_recipe(training={"images": 8}), copy, out)
    Image.fromarray(scene(40, 48, seed=0)).save(copy / "0.png")
    with pytest.raises(DataError, match=r"\(12 then, 13 now\)"):
        run(tiny_recipe(training={"images": 8}), copy, out)


def test_other_pictures_of_the_same_names_are_refused(pictures: Path, tmp_path: Path) -> None:
    copy = tmp_path / "pictures"
    shutil.copytree(pictures, copy)
    run(tiny_recipe(training={"images": 8}), copy, tmp_path / "run")
    Image.fromarray(scene(40, 48, seed=77)).save(copy / "0.png")
    with pytest.raises(DataError, match=r"other pictures \(12 then, others now\)"):
        run(tiny_recipe(training={"images": 8}), copy, tmp_path / "run")


def test_weights_of_another_architecture_or_other_bins_are_no_beginning(
    pictures: Path, tmp_path: Path
) -> None:
    run(tiny_recipe(training={"images": 4}), pictures, tmp_path / "one")
    begun = {"images": 4, "start_from": str(tmp_path / "one")}
    with pytest.raises(RecipeError, match=r"bins\.count = 16: .*start_from.*learned with 8"):
        run(tiny_recipe(training=begun, bins={"count": 16}), pictures, tmp_path / "two")
    with pytest.raises(ModelError, match=r"start_from: .* holds a tiny, not a colorunet"):
        run(tiny_recipe(training=begun, network={"name": "colorunet"}), pictures, tmp_path / "two")


def test_colors_to_judge_that_are_no_numbers_stop_the_run(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def colorize(task: ColorizationTask, lightness: torch.Tensor) -> torch.Tensor:
        return torch.full((len(lightness), 2, 16, 16), float("nan"))

    monkeypatch.setattr(ColorizationTask, "colorize", colorize)
    with pytest.raises(TrainingError, match=r"judge by are not finite; .*learning_rate"):
        run(tiny_recipe(), pictures, tmp_path)


@pytest.mark.parametrize(
    ("network", "encoder", "said"),
    [
        ({"name": "vgg-residual", "options": {"encoder": "vgg19"}}, {"name": "vgg16"},
         r"network\.options\.encoder: .*encoder\.name"),
        ({"name": "vgg-residual", "options": {"frozen": 8}}, {"frozen": 4},
         r"network\.options\.frozen: .*encoder\.frozen"),
        ({"name": "cnn"}, {"frozen": 8}, r"encoder\.frozen: cnn is built on no encoder"),
        ({"name": "cnn"}, {"pretrained": "vgg.safetensors"}, r"encoder\.pretrained: cnn"),
        ({"name": "cnn"}, {"name": "vgg16"}, r"encoder\.name: cnn"),
        ({"name": "vgg-residual", "options": {"deepest": 3}}, {"pretrained": "none"},
         r"deepest must be one of 1, 2, 4"),
        ({"name": "vgg-residual", "options": {"deepest": 0}}, {"pretrained": "none"},
         r"deepest must be one of 1, 2, 4"),
    ],
)  # fmt: skip
def test_settings_without_effect_are_refused(
    pictures: Path, tmp_path: Path, network: dict, encoder: dict, said: str
) -> None:
    regression = {"bins": {"system": "none"}, "loss": {"mean-squared-error": {}}}
    heads = {"cnn": regression, "vgg-residual": regression | {"loss": {"squared-uv": {}}}}
    chosen = tiny_recipe(network=network, encoder=encoder, **heads[network["name"]])
    chosen = dataclasses.replace(chosen, loss=heads[network["name"]]["loss"])
    with pytest.raises(RecipeError, match=said):
        run(chosen, pictures, tmp_path)


def test_a_checkpoint_older_than_a_key_continues(pictures: Path, tmp_path: Path) -> None:
    run(tiny_recipe(training={"images": 4}), pictures, tmp_path)
    path = tmp_path / "checkpoint.safetensors"
    tensors, facts = read_checkpoint(path)
    for newer in ("pictures", "recent", "best"):
        del facts[newer]
    del facts["recipe"]["training"]["accumulate"], facts["recipe"]["stages"]
    save_file(tensors, path, metadata={"format": checkpoints.FORMAT, "facts": json.dumps(facts)})
    assert run(tiny_recipe(training={"images": 4}), pictures, tmp_path).finished


@pytest.mark.parametrize("workers", [0, 1])
def test_pictures_that_cannot_be_decoded_end_in_one_line(tmp_path: Path, workers: int) -> None:
    for index in range(30):
        (tmp_path / f"{index}.jpg").write_bytes(b"no picture %d" % index)
    recipe = tiny_recipe(data={"workers": workers}, bins={"system": "zhang-313"})
    with pytest.raises(DataError, match="can be decoded") as error:
        run(recipe, tmp_path, tmp_path / "run")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("section", "nearest"),
    [
        ({"network": {"name": "tinny"}}, "tiny"),
        ({"loss": {"cross-entrophy": {}}}, "cross-entropy"),
    ],
)
def test_wrong_names_suggest_the_nearest(
    pictures: Path, tmp_path: Path, section: dict, nearest: str
) -> None:
    with pytest.raises(UnknownName, match=f"did you mean {nearest}"):
        run(tiny_recipe(**section), pictures, tmp_path)


def test_a_crop_too_small_for_its_norm_is_one_line(pictures: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(
        network={"name": "colorunet", "options": {"widths": [4, 4, 4, 4, 4]}},
        training={"images": 9, "batch_size": 8},
    )
    with pytest.raises(TrainingError, match=r"one crop .* data\.size") as error:
        run(recipe, pictures, tmp_path)
    assert "\n" not in str(error.value)


def test_a_run_folder_begins_another(pictures: Path, tmp_path: Path) -> None:
    run(tiny_recipe(), pictures, tmp_path / "one")
    begun = tiny_recipe(training={"start_from": str(tmp_path / "one")})
    assert run(begun, pictures, tmp_path / "two").finished
    gone = tiny_recipe(training={"start_from": str(tmp_path / "three")})
    with pytest.raises(ModelError, match=r"no model file at .*three"):
        run(gone, pictures, tmp_path / "four")


def test_overfit_where_nothing_can_be_written_is_one_line(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TrainingError, match="file"):
        overfit(
            tiny_recipe(), [str(pictures)], tmp_path / "file" / "out", crops=1, steps=1,
            progress=Heard(), device="cpu",
        )  # fmt: skip
