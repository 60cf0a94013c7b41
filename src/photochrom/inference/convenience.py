"""The short public face: ``colorize``, ``load_model``, ``list_models``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from photochrom.inference.colorizer import Colorizer
from photochrom.inference.hints import Hint
from photochrom.inference.opening import open_session
from photochrom.inference.session import Session
from photochrom.weights.cards import ModelCard
from photochrom.weights.models import DEFAULT, MODELS

Kind = TypeVar("Kind", str, Path, bytes, Image.Image, np.ndarray)


def colorize(
    photo: Kind, *, model: str | Path = DEFAULT, hints: Sequence[Hint] = (), **settings: Any
) -> Kind:
    """Colorize one photograph: a path, bytes, a PIL image or an array; the same kind comes out.

    ``hints`` are colors that places of it are to have, ``settings`` as for :class:`Colorizer`. For
    many photographs make one :class:`Colorizer`: it loads the model once.
    """
    return Colorizer(model, **settings)(photo, hints=hints)


def load_model(model: str | Path = DEFAULT, *, threads: int | None = None) -> Session:
    """Load a model by name, exported file, checkpoint or run folder.

    The session's ``run(lightness)`` takes ``(N, 1, H, W)`` float32 in 0..100, sizes a multiple of
    its card's ``multiple_of``, and returns ab in Lab units and a confidence.
    """
    return open_session(model, threads=threads)


def list_models() -> dict[str, ModelCard]:
    """Cards of the models that come with the package, by name."""
    return {name: open_session(name).card for name in MODELS}
