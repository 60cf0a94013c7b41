"""A run's state in one safetensors file, written atomically; no pickle is ever read.

Tensors are named ``task.*`` (network and bins), ``ema.*`` (averaged parameters),
``optimizer.<parameter>.<name>`` and, of runs against a critic, ``adversary.*``; the header holds
JSON: position, recipe, and what else the loop needs to continue exactly.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from photochrom.errors import ModelError, TrainingError
from photochrom.photo.atomic import reason_of

FORMAT = "photochrom-checkpoint-1"


def save_checkpoint(
    path: Path,
    *,
    task: nn.Module,
    ema: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
    facts: dict[str, Any],
    adversary: dict[str, Tensor] | None = None,
) -> None:
    """Write the state beside ``path`` and move it into place, so that a cut leaves the old one."""
    tensors = {f"task.{k}": v for k, v in task.state_dict().items()}
    tensors |= {f"ema.{k}": v for k, v in ema.items()}
    tensors |= {f"optimizer.{k}": v for k, v in optimizer_tensors(optimizer).items()}
    tensors |= {f"adversary.{k}": v for k, v in (adversary or {}).items()}
    _write(path, tensors, facts)


def save_weights(
    path: Path, *, task: nn.Module, ema: dict[str, Tensor], facts: dict[str, Any]
) -> None:
    """Write only what a model needs: averaged parameters, and what is not averaged, in the same
    format, so that it can be exported, run, or trained from.
    """
    tensors = {f"task.{k}": v for k, v in task.state_dict().items() if k not in ema}
    _write(path, tensors | {f"ema.{k}": v for k, v in ema.items()}, facts)


def _write(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Write beside ``path`` and move into place; raises :class:`TrainingError` if that fails."""
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}
    temporary = path.with_name(f".{path.name}.part")
    try:
        save_file(tensors, temporary, metadata={"format": FORMAT, "facts": json.dumps(facts)})
        # On the disk before it takes the old one's place: a power cut must not leave neither.
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        reason = reason_of(error) if isinstance(error, OSError) else _plain(error)
        kept = "; the one before it is intact" if path.is_file() else ""
        message = f"{path} cannot be written: {reason}{kept}"
        raise TrainingError(message) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _plain(error: SafetensorError) -> str:
    """What the system said, without what the library and the system's numbers add."""
    said = str(error).rpartition("I/O error: ")[2].partition(" (os error")[0]
    return f"{said[:1].lower()}{said[1:]}"


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors by their full names and the facts; raises :class:`ModelError`."""
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                message = f"{path} is not a checkpoint of photochrom"
                raise ModelError(message)
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return tensors, json.loads(header["facts"])
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        reason = reason_of(error, missing="file") if isinstance(error, OSError) else error
        message = f"cannot read the checkpoint {path}: {reason}"
        raise ModelError(message) from error


def part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors below ``prefix.``, without it."""
    return {k[len(prefix) + 1 :]: v for k, v in tensors.items() if k.startswith(f"{prefix}.")}


def restore(
    tensors: dict[str, Tensor], *, task: nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, Tensor]:
    """Load network and optimizer in place; returns the averaged parameters."""
    task.load_state_dict(part(tensors, "task"))
    load_optimizer(optimizer, part(tensors, "optimizer"))
    return part(tensors, "ema")


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The state of an optimizer as tensors named ``<parameter>.<name>``."""
    states = optimizer.state_dict()["state"]
    return {f"{i}.{k}": torch.as_tensor(v) for i, s in states.items() for k, v in s.items()}


def load_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Load what :func:`optimizer_tensors` gave; rates and the like stay the optimizer's own.

    Raises:
        ValueError: it belongs to other parameters; torch itself would find out at the next step.
    """
    shapes = [p.shape for group in optimizer.param_groups for p in group["params"]]
    states: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, name = key.split(".", 1)
        index = int(number)
        if index >= len(shapes) or (tensor.ndim and tensor.shape != shapes[index]):
            message = f"{key} has the shape {tuple(tensor.shape)}, no parameter's"
            raise ValueError(message)
        states.setdefault(index, {})[name] = tensor
    optimizer.load_state_dict(
        {"state": states, "param_groups": optimizer.state_dict()["param_groups"]}
    )
