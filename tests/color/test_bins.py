from __future__ import annotations

import numpy as np
import pytest
import torch

from photochrom.color import bins, encoding, prior
from photochrom.errors import WrongInput


@pytest.fixture(scope="module")
def published() -> np.ndarray:
    return bins.zhang_313()


@pytest.fixture(scope="module")
def in_gamut() -> np.ndarray:
    """Ab of random sRGB colors, ``(1, 2, 60, 60)``."""
    from photochrom.color.spaces import rgb_to_lab

    rgb = np.random.default_rng(0).uniform(0, 1, (1, 3, 60, 60))
    return rgb_to_lab(rgb)[:, 1:]


def histogram(*colors: tuple[int, int, int]) -> np.ndarray:
    """Counts over one-unit cells from (a, b, count)."""
    counts = np.zeros((220, 220))
    for a, b, count in colors:
        counts[a + 110, b + 110] += count
    return counts


def spread() -> np.ndarray:
    a, b = np.meshgrid(np.arange(220) - 110, np.arange(220) - 110, indexing="ij")
    return np.floor(1e5 * np.exp(-(a**2 + b**2) / 900))


def test_zhangs_313(published: np.ndarray) -> None:
    assert published.shape == (313, 2)
    assert np.array_equal(published % 10, np.zeros_like(published))
    rows = set(map(tuple, published.tolist()))
    touched = set(map(tuple, bins.gamut_grid(10).tolist()))
    assert len(rows) == 313
    assert len(touched) == 309
    assert rows - touched == {(40, 90), (100, -90), (100, -10), (100, 0)}


def test_supported_grid_keeps_what_occurs() -> None:
    counts = histogram((0, 0, 1000), (21, -9, 500), (60, 60, 1))
    found = bins.supported_grid(counts, spacing=10, share=0.01)
    assert found.tolist() == [[0, 0], [20, -10]]


@pytest.mark.parametrize("spacing", [5, 7, 10])
def test_supported_grid_cells_are_equally_wide(spacing: int) -> None:
    # Uniform counts, and a share that a bin of fewer than spacing x spacing cells misses.
    counts = np.ones((220, 220))
    found = bins.supported_grid(counts, spacing=spacing, share=(spacing**2 - 0.5) / counts.size)
    inner = np.arange(-90 // spacing * spacing, 90, spacing)[1:]
    assert {(a, b) for a in inner for b in inner} <= set(map(tuple, found.tolist()))


def test_supported_grid_of_another_size() -> None:
    assert len(bins.supported_grid(spread(), spacing=5)) > 3 * len(bins.supported_grid(spread()))


@pytest.mark.parametrize("count", [32, 112])
def test_chosen_bins(count: int) -> None:
    first, again = (bins.chosen_bins(spread(), count, iterations=8) for _ in range(2))
    assert first.shape == (count, 2)
    assert np.array_equal(first, again)
    assert len(np.unique(first, axis=0)) == count


def test_no_colors_no_bins() -> None:
    with pytest.raises(WrongInput):
        bins.supported_grid(np.zeros((220, 220)))
    with pytest.raises(WrongInput, match="32"):
        bins.chosen_bins(histogram((0, 0, 5)), 32)


def test_equi_width() -> None:
    assert bins.equi_width(4, -1.0, 1.0).tolist() == [-0.75, -0.25, 0.25, 0.75]


@pytest.mark.parametrize(("neighbors", "bound"), [(5, 0.70), (10, 0.351), (None, 0.351)])
def test_mean_of_a_soft_code(
    published: np.ndarray, in_gamut: np.ndarray, neighbors: int | None, bound: float
) -> None:
    code = encoding.encode_soft(in_gamut, published, neighbors=neighbors)
    error = np.hypot(*(encoding.mean_color(code, published) - in_gamut)[0])
    assert error.max() <= bound
    # Away from the gamut's border, where bins lie all around: ties at the cells' middles.
    axis = np.linspace(-20, 20, 41)
    ab = np.stack(np.meshgrid(axis, axis, indexing="ij"))[None]
    code = encoding.encode_soft(ab, published, neighbors=neighbors)
    assert np.allclose(code.sum(1), 1)
    error = np.hypot(*(encoding.mean_color(code, published) - ab)[0])
    assert error.max() <= bound


def test_hard_code_is_the_nearest(published: np.ndarray, in_gamut: np.ndarray) -> None:
    index = encoding.encode_hard(in_gamut, published)
    distance = np.linalg.norm(in_gamut[0].reshape(2, -1).T[:, None] - published[None], axis=2)
    chosen = np.take_along_axis(distance, index.reshape(-1, 1), 1)[:, 0]
    assert chosen == pytest.approx(distance.min(1))
    assert chosen.max() <= 10 / np.sqrt(2) + 1e-6


def test_soft_code_has_so_many_neighbors(published: np.ndarray, in_gamut: np.ndarray) -> None:
    code = encoding.encode_soft(in_gamut, published, neighbors=5)
    assert ((code > 0).sum(1) == 5).all()
    nearest = np.argsort(np.hypot(*(in_gamut[0, :, 3, 4, None] - published.T)))[:5]
    assert set(np.flatnonzero(code[0, :, 3, 4])) == set(nearest)


def test_annealed_mean_of_a_soft_code(published: np.ndarray, in_gamut: np.ndarray) -> None:
    logits = np.log(encoding.encode_soft(in_gamut, published) + 1e-30)
    mean = encoding.annealed_mean(logits, published, 0.38)
    error = np.hypot(*(mean - in_gamut)[0])
    assert error.mean() < 1.84
    assert error.max() < 2.72


def test_annealed_mean_goes_from_mean_to_mode() -> None:
    centers = np.array([[0.0, 0.0], [50.0, 0.0]])
    logits = np.log(np.array([0.4, 0.6])).reshape(1, 2, 1, 1)
    assert encoding.annealed_mean(logits, centers, 1.0)[0, 0, 0, 0] == pytest.approx(30)
    assert encoding.annealed_mean(logits, centers, 0.01)[0, 0, 0, 0] == pytest.approx(50)
    with pytest.raises(WrongInput):
        encoding.annealed_mean(logits, centers, 0.0)
    with pytest.raises(WrongInput):
        encoding.annealed_mean(logits, centers, np.float32(0))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_large_logits_do_not_overflow(published: np.ndarray, dtype: torch.dtype) -> None:
    logits = torch.randn(1, 313, 2, 2).to(dtype) * 10
    plain = encoding.annealed_mean(logits, published, 0.38)
    shifted = encoding.annealed_mean(logits + 30, published, 0.38)
    assert torch.isfinite(plain).all()
    assert (plain - shifted).abs().max() < (2.0 if dtype == torch.float16 else 0.01)


@pytest.mark.parametrize("temperature", [0.01, 0.38])
def test_low_temperatures_do_not_overflow_float16(
    published: np.ndarray, temperature: float
) -> None:
    logits = torch.zeros(1, 313, 1, 1).half()
    logits[0, 17] = 900  # / 0.01 is beyond the largest float16
    mean = encoding.annealed_mean(logits, published, temperature)[0, :, 0, 0]
    assert mean.tolist() == published[17].tolist()


def test_autocast_rounds_no_code(published: np.ndarray, in_gamut: np.ndarray) -> None:
    ab = torch.from_numpy(in_gamut).float()
    plain = encoding.encode_soft(ab, published)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(encoding.encode_soft(ab, published), plain)
        assert torch.equal(
            encoding.encode_hard(ab, published),
            torch.from_numpy(encoding.encode_hard(in_gamut, published)),
        )
        mean = encoding.mean_color(plain, published)
    assert torch.equal(mean, encoding.mean_color(plain, published))


def test_torch_equals_numpy(published: np.ndarray, in_gamut: np.ndarray) -> None:
    tensor = torch.from_numpy(in_gamut)
    for neighbors in (5, 10, None):
        ours = encoding.encode_soft(tensor, published, neighbors=neighbors).numpy()
        assert np.allclose(ours, encoding.encode_soft(in_gamut, published, neighbors=neighbors))
    assert np.array_equal(
        encoding.encode_hard(tensor, published).numpy(), encoding.encode_hard(in_gamut, published)
    )


def test_rebalancing_weights() -> None:
    shares = prior.normalize_prior(np.array([900.0, 90.0, 9.0, 0.0]))
    assert shares.sum() == pytest.approx(1)
    assert shares.min() > 0
    weights = prior.rebalancing_weights(shares)
    assert (shares * weights).sum() == pytest.approx(1)
    assert list(weights) == sorted(weights)
    assert prior.rebalancing_weights(shares, uniform=1.0) == pytest.approx(np.ones(4))


def test_no_counts_no_prior() -> None:
    with pytest.raises(WrongInput):
        prior.normalize_prior(np.zeros(4))


def test_rebalanced_logits() -> None:
    shares = prior.normalize_prior(np.array([0.7, 0.2, 0.1]))
    logits = np.random.default_rng(0).normal(size=(1, 3, 2, 2))
    calm = prior.rebalance_logits(logits, shares, 0.0) - logits
    assert np.ptp(calm) == pytest.approx(0)
    half = np.exp(prior.rebalance_logits(logits, shares, 0.5) - logits)[0, :, 0, 0]
    weights = prior.rebalancing_weights(shares, uniform=0.5)
    assert half / half[0] == pytest.approx(weights / weights[0])


def test_each_channel_finds_its_own_nearest_bin() -> None:
    centers = bins.equi_width_uv(16)
    rng = np.random.default_rng(0)
    index = rng.integers(0, 16, (3, 2, 4, 5))
    width = centers[1] - centers[0]
    values = np.stack([centers[index[:, i], i] for i in (0, 1)], 1)
    values = values + (rng.uniform(-0.49, 0.49, index.shape) * width.reshape(1, 2, 1, 1))
    assert np.array_equal(encoding.encode_each_hard(values, centers), index)
    tensor = torch.from_numpy(values)
    assert np.array_equal(encoding.encode_each_hard(tensor, centers).numpy(), index)
