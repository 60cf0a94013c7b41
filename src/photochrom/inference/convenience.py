"""The short public face: ``colorize``, ``load_model``, ``list_models``."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
from PIL import Image

from photochrom.inference.colorizer import Colorizer
from photochrom.inference.hints import Hint
from photochrom.inference.opening import open_session
from photochrom.inference.session import Session
from photochrom.weights.cards import ModelCard
from photochrom.weights.models import DEFAULT, MODELS, added_models

Kind = TypeVar("Kind", str, bytes, Image.Image, np.ndarray)


@overload
def colorize(
    photo: PathLike[str],
    *,
    model: str | PathLike[str] = DEFAULT,
    hints: Sequence[Hint] = (),
    **settings: Any,
) -> Path: ...
@overload
def colorize(
    photo: Kind,
    *,
    model: str | PathLike[str] = DEFAULT,
    hints: Sequence[Hint] = (),
    **settings: Any,
) -> Kind: ...
def colorize(
    photo: Any,
    *,
    model: str | PathLike[str] = DEFAULT,
    hints: Sequence[Hint] = (),
    **settings: Any,
) -> Any:
    """Colorize one photograph: a path, bytes, a PIL image or an array; the same kind comes out.

    ``hints`` are colors that places of it are to have, ``settings`` as for :class:`Colorizer`. For
    many photographs make one :class:`Colorizer`: it loads the model once.
    """
    return Colorizer(model, **settings)(photo, hints=hints)


def load_model(
    model: str | PathLike[str] = DEFAULT, *, threads: int | None = None, device: str = "cpu"
) -> Session:
    """Load a model by name, exported file, checkpoint or run folder.

    The session's ``run(lightness)`` takes ``(N, 1, H, W)`` float32 in 0..100, sizes a multiple of
    its card's ``multiple_of``, and returns ab in Lab units and a confidence. ``device`` as for
    :class:`Colorizer`.
    """
    return open_session(model, threads=threads, device=device)


def list_models() -> dict[str, ModelCard]:
    """Cards of the models that come with the package and of those that were added, by name."""
    return {name: open_session(name).card for name in (*MODELS, *added_models())}
