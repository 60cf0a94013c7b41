"""What computes a model."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from photochrom import Colorizer, load_model
from photochrom.errors import ModelError, WrongInput
from photochrom.inference import onnx_session
from photochrom.inference.devices import CPU, PROVIDERS, devices_for, devices_here
from photochrom.weights.models import MODELS


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An ONNX Runtime that says it has CUDA and DirectML; calls say whether it works."""
    there = [PROVIDERS["cuda"], PROVIDERS["directml"], CPU]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    real, asked = onnxruntime.InferenceSession, list[list[str]]()

    def prepare(*works: str) -> list[list[str]]:
        class Session:
            def __init__(
                self, data: bytes, options: Any, *, providers: list[str], **_: Any
            ) -> None:
                asked.append(providers)
                first = providers[0]
                if first != CPU and first not in {PROVIDERS[name] for name in works}:
                    raise RuntimeError("no driver")
                self._inner = real(data, options, providers=[CPU])
                self._providers = providers

            def get_providers(self) -> list[str]:
                return self._providers

            def __getattr__(self, name: str) -> Any:
                return getattr(self._inner, name)

        monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
        return asked

    return prepare


def test_the_cpu_is_everywhere_and_usual() -> None:
    assert devices_here()[-1] == "cpu"
    assert load_model().device == "cpu"
    assert Colorizer(threads=1, device="auto").session.device in devices_here()


@pytest.mark.parametrize(
    ("device", "said"),
    [("cuda", "no cuda; here are: auto, "), ("coreml", "no coreml; here are: auto, "),
     ("cud", "did you mean cuda"), ("GPU 0", "no device named 'GPU 0'; "), ("", "here are: ")],
)  # fmt: skip
def test_what_is_not_here_says_what_is(device: str, said: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU])
    with pytest.raises(WrongInput) as error:
        Colorizer(device=device)
    assert said in str(error.value)


def test_a_device_that_works_is_used_and_said(cuda: Any, hinting: Path) -> None:
    asked = cuda("cuda")
    colorizer = Colorizer(hinting, device="cuda")
    assert asked[-1] == [PROVIDERS["cuda"], CPU]
    assert colorizer.session.device == "cuda"
    assert colorizer.provenance().settings.endswith(" device=cuda")
    assert colorizer(np.full((40, 40), 99, np.uint8)).shape == (40, 40, 3)
    assert "device" not in Colorizer(hinting).provenance().settings


def test_one_that_fails_is_refused_in_one_line_and_auto_takes_another(
    cuda: Any, hinting: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cuda("directml")
    with pytest.raises(ModelError, match="cuda cannot be used") as error:
        Colorizer(hinting, device="cuda")
    assert "\n" not in str(error.value)
    assert load_model(hinting, device="auto").device == "directml"
    cuda()
    assert load_model(hinting, device="auto").device == "cpu"
    assert capfd.readouterr().out == ""


def test_auto_leaves_8_bits_to_the_cpu(cuda: Any, hinting: Path) -> None:
    cuda("cuda")
    assert devices_for("auto", hinting.read_bytes()) == ["cuda", "directml"]
    assert devices_for("auto", MODELS["photochrom"].read_bytes()) == []
    assert load_model(device="auto").device == "cpu"
    assert load_model(device="cuda").device == "cuda"


def test_checkpoints_run_on_the_cpu(cuda: Any, checkpoint: Path) -> None:
    cuda("cuda")
    assert load_model(checkpoint, device="auto").device == "cpu"
    with pytest.raises(WrongInput, match="export it to use cuda"):
        load_model(checkpoint, device="cuda")


def test_a_damaged_file_is_no_fault_of_the_device(cuda: Any, tmp_path: Path) -> None:
    cuda("cuda")
    path = tmp_path / "m.onnx"
    path.write_bytes(io.BytesIO(b"nothing").read())
    with pytest.raises(ModelError, match="not an ONNX file"):
        onnx_session.OnnxSession(path, device="cuda")
