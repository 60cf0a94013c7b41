"""Frechet distance between the features of the results and those of the truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import MissingExtra, ModelError, WrongInput
from photochrom.evaluation.learned import LACKING, features_of
from photochrom.evaluation.pair import Pair

INCEPTION = "inception-v3-compat"
LEAST = 5000

Extract = Callable[[np.ndarray], np.ndarray]


class FrechetDistance:
    """FID (Heusel et al. 2017): ``|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))``.

    It falls as pictures are added and depends on the network: print ``backbone`` and the number of
    pictures beside it, and compare with nothing that has others. A picture's statistics are sums of
    its features and of their products, 67 MB with Inception: add them up rather than keep them.
    """

    def __init__(self, extract: Extract, backbone: str, *, force: bool = False) -> None:
        """``extract`` makes features ``(D,)`` of bytes ``(3, H, W)``; ``backbone`` is its name.

        ``force`` gives a figure of fewer than 5,000 pictures too.
        """
        self.extract, self.backbone, self.force = extract, backbone, force

    def measure(self, pair: Pair) -> np.ndarray:
        """Features and their products, of the result, then of the truth: ``(2 D + 2 D^2,)``."""
        true = pair.of_truth(self, lambda pair: self.extract(pair.true))
        found = true if pair.predicted is pair.true else self.extract(pair.predicted)
        parts = [(one, np.multiply.outer(one, one).ravel()) for one in (found, true)]
        return np.concatenate([*parts[0], *parts[1]])

    def refusal(self, pictures: float) -> str:
        """Why there is no figure of so few pictures; empty if there is one."""
        if pictures >= LEAST or self.force:
            return ""
        return f"FID of {pictures:g} pictures says nothing: {LEAST:,} at least, or force it"

    def figure(self, sums: np.ndarray, count: float) -> float:
        """0 and up; NaN of fewer than 2 pictures.

        Raises:
            WrongInput: of fewer than 5,000 pictures, unless forced.
        """
        if message := self.refusal(count):
            raise WrongInput(message)
        if count < 2:
            return math.nan
        width = (math.isqrt(2 * sums.size + 1) - 1) // 2
        means, covariances = [], []
        for part in sums.reshape(2, -1):
            mean = part[:width] / count
            products = part[width:].reshape(width, width)
            means.append(mean)
            covariances.append((products - count * np.outer(mean, mean)) / (count - 1))
        return frechet_distance(means[0], covariances[0], means[1], covariances[1])


def frechet_distance(
    mean: np.ndarray, covariance: np.ndarray, other: np.ndarray, other_covariance: np.ndarray
) -> float:
    """Squared Frechet distance of two Gaussians, means ``(D,)`` and covariances ``(D, D)``."""
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    # S1 S2 and its symmetric form have the same eigenvalues; those of the latter are stable.
    shared = np.linalg.eigvalsh(root @ other_covariance @ root).clip(0)
    spread = np.trace(covariance) + np.trace(other_covariance) - 2 * np.sqrt(shared).sum()
    return float(np.square(mean - other).sum() + spread)


def inception(path: str | None = None, *, device: str = "cpu") -> Extract:
    """Features ``(2048,)`` of the Inception of 2015 that FID was defined with, by torch-fidelity.

    Raises:
        MissingExtra: torch-fidelity is not installed.
        ModelError: its weights are not in the file ``path``.
        NotDownloaded: they cannot be fetched.
    """
    import torch

    from photochrom.backbones.downloads import downloading
    from photochrom.backbones.torchvision_operators import declare_torchvision_operators

    declare_torchvision_operators()
    try:
        from torch_fidelity import feature_extractor_inceptionv3 as library
    except ImportError:
        raise MissingExtra("train", "FID with the Inception that defines it") from None

    def opened() -> Any:
        return library.FeatureExtractorInceptionV3(
            INCEPTION, ["2048"], feature_extractor_weights_path=path
        )

    if path is None:
        with downloading("FID's Inception", library.URL_INCEPTION_V3):
            network = opened().to(device)
    else:
        try:
            # The library would run what a file tells it to; this refuses such files.
            torch.load(Path(path), map_location="cpu", weights_only=True)
            network = opened().to(device)
        except Exception as error:
            message = f"{LACKING}: {path} is not there, or no file of them"
            raise ModelError(message) from error

    @torch.no_grad()
    def extract(rgb: np.ndarray) -> np.ndarray:
        picture = torch.tensor(rgb)[None].to(device)
        result: np.ndarray = network(picture)[0][0].double().cpu().numpy()
        return result

    return extract


def extractor(backbone: str, path: str | None = None, *, device: str = "cpu") -> Extract:
    """Features of Inception, or of another network of timm; weights from the file ``path``.

    Errors as for :func:`inception` and :func:`~photochrom.evaluation.learned.open_network`.
    """
    make = inception if backbone == INCEPTION else partial(features_of, backbone)
    return make(path, device=device)


def build(
    _name: str,
    *,
    backbone: str = INCEPTION,
    path: str | None = None,
    force: bool = False,
    device: str = "cpu",
) -> FrechetDistance:
    """Build the metric on Inception, or on the features of another network of timm."""
    return FrechetDistance(extractor(backbone, path, device=device), backbone, force=force)
