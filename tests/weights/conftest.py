"""A checkpoint whose norms have learned something."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file


@pytest.fixture(scope="session")
def learned(checkpoint: Path, traced_once: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint with norms that differ: of equal ones, untrained, the exporter keeps one."""
    file = checkpoint / "checkpoint.safetensors"
    with safe_open(file, "pt") as opened:
        header = opened.metadata()
    torch.manual_seed(0)
    tensors = {k: moved(v) for k, v in load_file(file).items() if not k.startswith("optimizer.")}
    path = tmp_path_factory.mktemp("learned") / "checkpoint.safetensors"
    save_file(tensors, path, metadata=header)
    return path


def moved(values: torch.Tensor) -> torch.Tensor:
    learns = values.ndim == 1 and values.dtype == torch.float32
    return values + torch.rand_like(values) * 0.3 + 0.05 if learns else values
