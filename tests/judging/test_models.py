"""Models as methods to judge: the colors are those of the Colorizer, and every row has a name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photochrom import Colorizer
from photochrom.errors import ModelError, WrongInput
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.judging.models import JudgedModel, judged_models
from photochrom.photo.decode import read
from tests.conftest import scene

GRAY_SCENE = scene(48, 64).mean(2).astype(np.uint8)


def names(*texts: str) -> list[str]:
    return [method.name for method in judged_models(texts, size=None, calibration=False)]


@pytest.mark.parametrize("settings", [{}, {"vividness": 0.9}, {"rebalance": 0.2, "size": 96}])
def test_colors_are_those_of_the_colorizer(settings: dict[str, float]) -> None:
    expected = Colorizer(threads=1, **settings).tint(read(GRAY_SCENE)).rgb(0, 48)
    for calibration in (False, True):
        judged = JudgedModel("photochrom", tuple(settings.items()), calibration=calibration)
        guess = judged()(GRAY_SCENE)
        # Of logits the mean is taken here, in double precision, and not in the network.
        difference = np.abs(guess.rgb.transpose(1, 2, 0).astype(int) - expected)
        assert difference.max() <= (2 if calibration else 0)
        assert (guess.logits is not None) == calibration


def test_settings_stand_behind_the_name() -> None:
    vivid, dialed = judged_models(
        ("photochrom@0.8", "photochrom@0.35:0.65"), size=128, calibration=False
    )
    assert vivid.facts["settings"] == {"vividness": 0.8, "size": 128}
    assert dialed.facts["settings"] == {"rebalance": 0.35, "temperature": 0.65, "size": 128}


def test_rows_are_told_apart() -> None:
    assert names("photochrom", "photochrom@0.8", "photochrom") == [
        "photochrom",
        "photochrom@0.8",
        "photochrom (2)",
    ]
    assert not {GRAY, TRUTH} & set(names("photochrom"))


@pytest.mark.parametrize("text", ["photochrom@", "photochrom@vivid", "photochrom@1:2:3"])
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(WrongInput, match="after @ comes a vividness, or rebalance:temperature"):
        names(text)


def test_a_file_may_have_an_at_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine@home.onnx").write_bytes(b"none")
    with pytest.raises(ModelError, match=r"mine@home\.onnx"):
        names(str(tmp_path / "mine@home.onnx"))
