"""Released weights load by the names and shapes that their authors published."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from photochrom import load_model
from photochrom.errors import ModelError, UnknownName
from photochrom.weights.release import import_release

# Stage: channels through its convolutions. Zhang et al. number layers by position in the stage:
# convolutions at 0, 2, 4, then the norm.
STAGES = {
    "model2": (64, 128, 128),
    "model3": (128, 256, 256, 256),
    "model4": (256, 512, 512, 512),
    "model5": (512, 512, 512, 512),
    "model6": (512, 512, 512, 512),
    "model7": (512, 512, 512, 512),
}


def convolution(name: str, shape: tuple[int, ...], *, transposed: bool = False) -> dict:
    torch.manual_seed(len(name) + sum(shape))
    bias = shape[1] if transposed else shape[0]
    return {
        f"{name}.weight": torch.randn(shape) * (2 / (shape[1] * shape[2] * shape[3])) ** 0.5,
        f"{name}.bias": torch.zeros(bias),
    }


def stage(name: str, widths: tuple[int, ...], first: int = 0) -> dict:
    state = {}
    for i in range(len(widths) - 1):
        state |= convolution(f"{name}.{first + 2 * i}", (widths[i + 1], widths[i], 3, 3))
    norm = f"{name}.{first + 2 * (len(widths) - 1)}"
    for key, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
        state[f"{norm}.{key}"] = torch.full((widths[-1],), float(value))
    return state


def eccv16() -> dict[str, torch.Tensor]:
    state = stage("model1", (1, 64, 64))
    for name, widths in STAGES.items():
        state |= stage(name, widths)
    state |= convolution("model8.0", (512, 256, 4, 4), transposed=True)
    state |= convolution("model8.2", (256, 256, 3, 3)) | convolution("model8.4", (256, 256, 3, 3))
    state |= convolution("model8.6", (313, 256, 1, 1))
    # Made-up layers let little through: without this every bin would be as likely.
    state["model8.6.weight"] *= 100
    generator = torch.Generator().manual_seed(5)
    return state | {"model_out.weight": torch.rand(2, 313, 1, 1, generator=generator) - 0.5}


def siggraph17() -> dict[str, torch.Tensor]:
    state = stage("model1", (4, 64, 64))
    for name, widths in STAGES.items():
        state |= stage(name, widths)
    state |= convolution("model8up.0", (512, 256, 4, 4), transposed=True)
    state |= convolution("model3short8.0", (256, 256, 3, 3)) | stage("model8", (256, 256, 256), 1)
    state |= convolution("model9up.0", (256, 128, 4, 4), transposed=True)
    state |= convolution("model2short9.0", (128, 128, 3, 3)) | stage("model9", (128, 128), 1)
    state |= convolution("model10up.0", (128, 128, 4, 4), transposed=True)
    state |= convolution("model1short10.0", (128, 64, 3, 3))
    state |= convolution("model10.1", (128, 128, 3, 3))
    state |= convolution("model_class.0", (529, 256, 1, 1))
    return state | convolution("model_out.0", (2, 128, 1, 1))


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    torch.save(eccv16(), folder / "eccv16-release.pth")
    import_release(folder / "eccv16-release.pth", "eccv16", folder / "eccv16.onnx", storage="fp32")
    return folder


def test_plain_mean_of_the_released_colors(imported: Path) -> None:
    session = load_model(imported / "eccv16.onnx")
    assert session.card.version == "eccv16-release"
    assert session.card.parameters == 32_236_011
    assert session.card.settings(session.card.vividness) == (0.0, 1.0)
    lightness = np.random.default_rng(0).uniform(0, 100, (1, 1, 32, 40)).astype(np.float32)
    given = session.run(lightness)
    assert given.ab.shape == (1, 2, 8, 10)
    # The released module by itself: softmax, then its own 1x1 convolution, times 110.
    from photochrom.architectures.cards import build_network

    network = build_network("eccv16").eval()
    state = eccv16()
    network.load_state_dict(state, strict=False)
    with torch.no_grad():
        logits = network(torch.from_numpy(lightness)).logits
        expected = 110 * torch.einsum("cq,nqhw->nchw", state["model_out.weight"][..., 0, 0],
                                      logits.softmax(1))  # fmt: skip
    assert logits.std() > 0.1
    assert np.abs(given.ab - expected.numpy()).max() < 0.01


def test_temperature_and_no_prior(imported: Path) -> None:
    session = load_model(imported / "eccv16.onnx")
    lightness = np.random.default_rng(1).uniform(0, 100, (1, 1, 48, 48)).astype(np.float32)
    mean, mode = (session.run(lightness, temperature=t).ab for t in (1.0, 0.1))
    assert np.abs(mean - mode).max() > 1
    shifted = session.run(lightness, rebalance=0.9).ab
    assert np.allclose(session.run(lightness, rebalance=0.0).ab, shifted, atol=1e-3)


@pytest.mark.slow
def test_siggraph17_takes_hints(tmp_path: Path) -> None:
    save_file({f"module.{k}": v for k, v in siggraph17().items()}, tmp_path / "s.safetensors")
    done = import_release(tmp_path / "s.safetensors", "siggraph17", tmp_path / "s.onnx")
    assert done.card.inputs == ("lightness", "hints")
    session = load_model(done.path)
    lightness = np.full((1, 1, 32, 32), 40, np.float32)
    hints = np.zeros((1, 3, 32, 32), np.float32)
    assert np.array_equal(session.run(lightness).ab, session.run(lightness, hints=hints).ab)
    hints[:, 0, 4:9, 4:9], hints[:, 2, 4:9, 4:9] = 50, 1
    assert np.abs(session.run(lightness, hints=hints).ab - session.run(lightness).ab).max() > 0.1


def one_line(error: pytest.ExceptionInfo[Exception]) -> None:
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


class Attack:
    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.place),)


def test_code_in_a_file_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "evil.pth").write_bytes(pickle.dumps({"x": Attack(tmp_path / "ran")}))
    torch.save({"x": Attack(tmp_path / "ran")}, tmp_path / "zipped.pth")
    for name in ("evil.pth", "zipped.pth"):
        with pytest.raises(ModelError, match=name) as error:
            import_release(tmp_path / name, "eccv16", tmp_path / "out.onnx")
        one_line(error)
        assert "holds more than weights" in str(error.value)
        assert "weights_only" not in str(error.value)
    assert not (tmp_path / "ran").exists()


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    path, out = tmp_path / "w.pth", tmp_path / "out.onnx"
    torch.save(siggraph17(), path)
    with pytest.raises(ModelError, match=r"eccv16: missing .*unexpected .*model8up") as error:
        import_release(path, "eccv16", out)
    one_line(error)
    torch.save([1, 2], path)
    with pytest.raises(ModelError, match="not a state dict"):
        import_release(path, "eccv16", out)
    for data in (b"", b"\xff\xd8 no weights", b"PK\x03\x04"):
        path.write_bytes(data)
        with pytest.raises(ModelError, match=r"w\.pth is no file of weights") as error:
            import_release(path, "eccv16", out)
        one_line(error)
    with pytest.raises(UnknownName, match="siggraph17"):
        import_release(path, "cnn", out)
    assert not out.exists()
