from __future__ import annotations

import json

import numpy as np

from photochrom import Colorizer
from photochrom.inference.folder.identity import difference, key_of, settings_of


def test_settings_that_differ_are_told_apart(colorizer: Colorizer) -> None:
    one = settings_of(colorizer, {"quality": None, "hints": np.zeros((2, 2))})
    same = settings_of(Colorizer(threads=2), {"hints": np.zeros((2, 2)), "quality": None})
    other = settings_of(colorizer, {"quality": 90, "hints": np.ones((2, 2))})
    assert key_of(one) == key_of(same) != key_of(other)
    assert difference(one, {**one, "sha256": "x"}) == "another file of the model"
    assert json.loads(json.dumps(other)) == other
