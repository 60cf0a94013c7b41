"""Judges with weights, on tiny networks whose weights the tests make."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from scipy.linalg import sqrtm

from photochrom.backbones.creation import create_backbone
from photochrom.errors import MissingExtra, ModelError, UnknownName, WrongInput
from photochrom.evaluation import fid, learned
from photochrom.evaluation.cards import METRICS, build_metric
from photochrom.evaluation.fid import FrechetDistance, frechet_distance
from photochrom.evaluation.pair import Pair
from tests.evaluation.conftest import pair_of

CLASSES = 7


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny network: random, with a bias that makes it tell pictures apart."""
    torch.manual_seed(0)
    network = create_backbone("test_resnet", "none", channels=3, classes=CLASSES)
    prepare = learned.preparation(network.eval())
    with torch.no_grad():
        scores = network(torch.cat([prepare(pair_of(seed).true) for seed in range(8)]))
        network.get_classifier().bias -= scores.mean(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_file(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def alexnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "alexnet.safetensors"
    save_file(create_backbone("alexnet", "none", channels=3).state_dict(), path)
    return path


def recognition(path: Path) -> object:
    return build_metric("recognition", backbone="test_resnet", path=str(path), classes=CLASSES)


def test_recognition_asks_the_truth_or_the_label(classifier: Path) -> None:
    metric = recognition(classifier)
    network = create_backbone("test_resnet", str(classifier), channels=3, classes=CLASSES)
    pair, config = pair_of(0, size=(160, 160)), network.default_cfg
    assert config["input_size"] == (3, 160, 160)
    picture = (pair.true / 255 - np.reshape(config["mean"], (3, 1, 1))).astype(np.float32)
    picture /= np.reshape(config["std"], (3, 1, 1)).astype(np.float32)
    size = round(160 / config["crop_pct"])
    larger = [Image.fromarray(x).resize((size, size), Image.Resampling.BICUBIC) for x in picture]
    edge = (size - 160) // 2
    cropped = np.stack([np.asarray(x)[edge : edge + 160, edge : edge + 160] for x in larger])
    with torch.no_grad():
        answer = int(network.eval()(torch.from_numpy(cropped)[None]).argmax())
    truth = Pair(pair.true, pair.true)
    assert metric.measure(truth) == pytest.approx([100])
    assert metric._answer(pair.true) == answer
    assert metric.backbone == "test_resnet"


def test_some_results_are_not_recognized(classifier: Path) -> None:
    metric = recognition(classifier)
    pairs = [Pair(pair_of(seed + 1).true, pair_of(seed).true) for seed in range(8)]
    answers = {float(metric.measure(pair)[0]) for pair in pairs}
    assert 0 in answers
    assert answers <= {0, 100}


def test_lpips_is_torchmetrics(alexnet: Path) -> None:
    pair = pair_of(3, size=(70, 90))
    metric = build_metric("lpips", path=str(alexnet))
    value = metric.figure(metric.measure(pair), 1)
    features = create_backbone("alexnet", str(alexnet), channels=3).features
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    expected, maps = 0.0, []
    with torch.no_grad():
        for picture in (pair.predicted, pair.true):
            x = (torch.tensor(picture)[None] / 255 - mean) / std
            maps.append([(x := layer(x)) for layer in features])
    library = Path(importlib.util.find_spec("torchmetrics").origin).parent
    heads = torch.load(library / "functional/image/lpips_models/alex.pth", "cpu", weights_only=True)
    for weights, index in zip(heads.values(), (1, 4, 7, 9, 11), strict=True):
        one, other = (torch.nn.functional.normalize(m[index], dim=1, eps=1e-6) for m in maps)
        expected += torch.nn.functional.conv2d((one - other) ** 2, weights).mean().item()
    assert value == pytest.approx(expected, rel=1e-2)
    assert value > 0


@pytest.mark.slow
def test_lpips_is_that_of_the_library(alexnet: Path) -> None:
    from safetensors.torch import load_file

    from photochrom.backbones.torchvision_operators import declare_torchvision_operators

    declare_torchvision_operators()
    from torchmetrics.functional.image.lpips import _LPIPS

    network = _LPIPS(pretrained=True, net="alex", pnet_rand=True)
    state = load_file(alexnet)
    for slice_ in ("slice1", "slice2", "slice3", "slice4", "slice5"):
        for name, value in network.net.get_submodule(slice_).named_parameters():
            value.data = state[f"features.{name}"]
    pair = pair_of(3, size=(70, 90))
    tensors = (torch.tensor(x)[None] / 255 for x in (pair.predicted, pair.true))
    expected = network(*tensors, normalize=True).item()
    metric = build_metric("lpips", path=str(alexnet))
    assert metric.measure(pair) == pytest.approx([expected], rel=1e-3)


def test_lpips_of_the_truth_is_0_and_small_pictures_say_nothing(alexnet: Path) -> None:
    metric = build_metric("lpips", path=str(alexnet))
    pair = pair_of(0)
    assert metric.measure(Pair(pair.true, pair.true)) == pytest.approx([0])
    turned = Pair(pair.true, pair.predicted)
    assert metric.measure(turned) == pytest.approx(metric.measure(pair), rel=1e-4)
    assert metric.measure(pair_of(0, size=(31, 90))) is None
    assert metric.measure(pair_of(0, size=(32, 90))) is not None


def gaussian(seed: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(width, width))
    return generator.normal(size=width), root @ root.T


def test_distance_of_diagonal_gaussians_by_hand() -> None:
    mean, other = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 3.5])
    spread, other_spread = np.array([4.0, 1.0, 0.0]), np.array([9.0, 0.0, 0.25])
    expected = 4 + 0.25 + (2 - 3) ** 2 + 1 + 0.25
    found = frechet_distance(mean, np.diag(spread), other, np.diag(other_spread))
    assert found == pytest.approx(expected)


def test_distance_is_that_with_the_matrix_root() -> None:
    (mean, covariance), (other, other_covariance) = gaussian(0, 12), gaussian(1, 12)
    root = sqrtm(covariance @ other_covariance).real
    expected = ((mean - other) ** 2).sum() + np.trace(covariance + other_covariance - 2 * root)
    found = frechet_distance(mean, covariance, other, other_covariance)
    assert found == pytest.approx(expected)
    assert frechet_distance(mean, covariance, mean, covariance) == pytest.approx(0, abs=1e-9)


def features(rgb: np.ndarray) -> np.ndarray:
    """Made up: means and spreads of the channels."""
    return np.concatenate([rgb.mean((1, 2)), rgb.std((1, 2))]) / 255


def test_sums_are_the_gaussians_of_the_features() -> None:
    pairs = [pair_of(seed) for seed in range(20)]
    metric = FrechetDistance(features, "made up", force=True)
    sums = np.sum([metric.measure(pair) for pair in pairs], 0)
    found = np.stack([features(pair.predicted) for pair in pairs])
    true = np.stack([features(pair.true) for pair in pairs])
    expected = frechet_distance(found.mean(0), np.cov(found.T), true.mean(0), np.cov(true.T))
    assert metric.figure(sums, len(pairs)) == pytest.approx(expected, rel=1e-6)
    assert expected > 1e-3
    assert np.isnan(metric.figure(sums / 20, 1))


def test_features_of_the_truth_are_made_once() -> None:
    seen: list[np.ndarray] = []

    def counting(rgb: np.ndarray) -> np.ndarray:
        seen.append(rgb)
        return features(rgb)

    pair = pair_of(0)
    metric, other = (FrechetDistance(counting, "made up", force=True) for _ in range(2))
    first = metric.measure(pair)
    beside = metric.measure(pair.beside(pair.predicted))
    truth = metric.measure(pair.beside(pair.true))
    np.testing.assert_array_equal(first, beside)
    half = len(truth) // 2
    np.testing.assert_array_equal(truth[:half], first[half:])
    assert sum(rgb is pair.true for rgb in seen) == 1
    assert len(seen) == 3
    # Another metric's network has other features.
    other.measure(pair.beside(pair.predicted))
    assert sum(rgb is pair.true for rgb in seen) == 2


def test_few_pictures_are_refused_unless_forced() -> None:
    metric = FrechetDistance(features, "made up")
    statistics = metric.measure(pair_of(0))
    with pytest.raises(WrongInput, match="4999 pictures says nothing"):
        metric.figure(statistics * 4999, 4999)
    assert metric.figure(statistics * 5000, 5000) >= 0


def test_fid_on_a_network_of_timm(classifier: Path) -> None:
    options = {"backbone": "test_resnet", "path": str(classifier), "force": True}
    metric = build_metric("fid", **options)
    assert metric.backbone == "test_resnet"
    pairs = [pair_of(seed, strength=0) for seed in range(6)]
    sums = np.sum([metric.measure(pair) for pair in pairs], 0)
    assert metric.figure(sums, 6) > 0
    same = np.sum([metric.measure(Pair(pair.true, pair.true)) for pair in pairs], 0)
    assert metric.figure(same, 6) == pytest.approx(0, abs=1e-6)


def test_features_are_those_before_the_classes(classifier: Path) -> None:
    extract = learned.features_of("test_resnet", str(classifier))
    first, second = extract(pair_of(0).true), extract(pair_of(1).true)
    assert first.dtype == np.float64
    assert first.ndim == 1
    assert len(first) == create_backbone("test_resnet", "none").num_features
    assert abs(first - second).max() > 0


def test_fid_needs_its_inception(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if importlib.util.find_spec("torch_fidelity") is None:
        with pytest.raises(MissingExtra, match="FID"):
            build_metric("fid")
    else:
        missing = tmp_path / "none.pth"
        with pytest.raises(ModelError, match=r"weights not available: .*none\.pth"):
            build_metric("fid", path=str(missing))


@pytest.mark.parametrize("name", ["lpips", "recognition", "fid"])
def test_a_file_that_is_not_there(name: str) -> None:
    options = {} if name == "lpips" else {"backbone": "test_resnet"}
    with pytest.raises(ModelError, match=r"weights not available: (there is no file )?/no/such"):
        build_metric(name, path="/no/such", **options)


def test_weights_that_do_not_fit(classifier: Path) -> None:
    with pytest.raises(ModelError, match=r"weights not available: .*does not fit"):
        build_metric("lpips", path=str(classifier))
    with pytest.raises(UnknownName, match="test_resnet"):
        build_metric("recognition", backbone="test_resnets")


def test_options_that_there_are_not() -> None:
    with pytest.raises(WrongInput, match=r"psnr takes no such options.*path"):
        build_metric("psnr", path="x")


def test_cards_name_what_is_downloaded() -> None:
    assert [name for name in METRICS if METRICS[name].weights] == [
        "lpips",
        "fid",
        "kid",
        "recognition",
    ]
    assert fid.INCEPTION == "inception-v3-compat"
