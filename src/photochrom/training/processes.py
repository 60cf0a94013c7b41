"""The processes that share a run: the only file that knows how Lightning Fabric is made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from photochrom.backbones.torchvision_operators import declare_torchvision_operators
from photochrom.errors import PhotochromError, TrainingError, WrongInput
from photochrom.photo.atomic import reason_of

declare_torchvision_operators()
from lightning.fabric import Fabric as Fabric  # noqa: E402


def build_fabric(precision: str, *, device: str, devices: int, nodes: int) -> Fabric:
    """Fabric for ``devices`` processes on each of ``nodes`` machines, not launched yet.

    Under ``torchrun`` its numbers hold, and ours may be left at 1.
    """
    if "TORCHELASTIC_RUN_ID" in os.environ:
        local, world = (int(os.environ[k]) for k in ("LOCAL_WORLD_SIZE", "WORLD_SIZE"))
        if devices not in (1, local):
            message = f"--devices {devices} under torchrun with {local} processes on each machine"
            raise WrongInput(message)
        devices, nodes = local, world // local
    try:
        return Fabric(
            accelerator=device,
            devices=devices,
            num_nodes=nodes,
            strategy="ddp" if devices * nodes > 1 else "auto",
            precision=_precision(precision, device),
        )
    except (RuntimeError, ValueError) as error:
        message = f"this machine cannot use {devices} x {device}: {str(error).splitlines()[0]}"
        raise WrongInput(message) from error


def _precision(name: str, device: str) -> Any:
    """Bf16 where there are matrix units for it: on the CPUs without, it is slower than fp32."""
    if name == "auto":
        cuda = device in ("auto", "cuda") and torch.cuda.is_available()
        fast = torch.cuda.is_bf16_supported() if cuda else torch.cpu._is_amx_tile_supported()
        return "bf16-mixed" if fast else "32-true"
    return {"fp32": "32-true", "bf16": "bf16-mixed"}[name]


def first_alone(fabric: Fabric, work: Callable[[], object]) -> None:
    """Let the first process work while the others wait; its failure ends them all."""
    error: Exception | None = None
    if fabric.is_global_zero:
        try:
            work()
        except Exception as failure:
            error = failure
    if fabric.world_size > 1 and fabric.broadcast(error is not None) and error is None:
        message = "the first process has failed"
        raise PhotochromError(message)
    if error is not None:
        raise error


def agreed(fabric: Fabric, *claims: bool) -> list[bool]:
    """For each claim whether any process makes it."""
    if fabric.world_size == 1:
        return list(claims)
    counts = torch.tensor(claims, dtype=torch.float32, device=fabric.device)
    return [bool(count) for count in fabric.all_reduce(counts, reduce_op="sum")]


@contextmanager
def one_line_errors(out: Path, fabric: Fabric) -> Iterator[None]:
    """Refusals of the system become errors of ours; only the first process speaks of them."""
    try:
        try:
            yield
        except OSError as error:
            message = f"{error.filename or out}: {reason_of(error)}"
            raise TrainingError(message) from error
        except torch.OutOfMemoryError as error:
            message = (
                "the device has too little memory for training.batch_size at this data.size; "
                "training.accumulate = 2 halves what is computed at once"
            )
            raise TrainingError(message) from error
        except ValueError as error:
            if "more than 1 value per channel" not in str(error):
                raise
            message = (
                "one crop was left for a part of a batch, too small for BatchNorm to learn from; "
                "choose a larger data.size, or training.images and training.accumulate that "
                "leave more"
            )
            raise TrainingError(message) from error
    except PhotochromError:
        if fabric.is_global_zero:
            raise
        raise SystemExit(1) from None
