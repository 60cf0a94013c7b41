"""What cannot be is refused when a model is opened, in one line that names it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from photochrom import Colorizer, load_model
from photochrom.errors import WrongInput
from photochrom.inference.settings import Settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"strength": None}, "strength must be between 0 and 2, not None"),
        ({"size": 200.5}, "size must be a whole number between 32 and 2048, not 200.5"),
        ({"size": 31}, "size must be a whole number between 32 and 2048, not 31"),
    ],
)
def test_numbers_out_of_range(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongInput, match=said):
        Settings(**settings)


def test_none_is_the_models_own_and_numpy_counts() -> None:
    assert Settings(size=np.int64(200)).size == 200  # type: ignore[arg-type]
    assert Settings(vividness=None, size=None).strength == 1


@pytest.mark.parametrize("opened", [Colorizer, load_model])
@pytest.mark.parametrize("threads", ["a", 0, -1, 1.5, 2**40])
def test_threads_are_whole_numbers_from_1_up(opened: Any, threads: object) -> None:
    with pytest.raises(WrongInput, match="threads must be a whole number") as error:
        opened(threads=threads)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("opened", [Colorizer, load_model])
@pytest.mark.parametrize("model", [None, 5, b"photochrom"])
def test_what_is_no_model(opened: Any, model: object) -> None:
    with pytest.raises(WrongInput, match="a model is a name or a path, not"):
        opened(model)
