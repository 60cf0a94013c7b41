from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.inference.folder.identity import difference, key_of, settings_of
from tests.conftest import scene


def test_settings_that_differ_are_told_apart(colorizer: Colorizer) -> None:
    one = settings_of(colorizer, {"quality": None, "hints": np.zeros((2, 2))})
    same = settings_of(Colorizer(threads=2), {"hints": np.zeros((2, 2)), "quality": None})
    other = settings_of(colorizer, {"quality": 90, "hints": np.ones((2, 2))})
    assert key_of(one) == key_of(same) != key_of(other)
    assert difference(one, {**one, "sha256": "x"}) == "another file of the model"
    assert json.loads(json.dumps(other)) == other


def test_references_of_one_name_are_told_apart(hinting: Path, tmp_path: Path) -> None:
    keys, said = list[str](), list[dict[str, Any]]()
    for folder, seed in (("a", 1), ("b", 2), ("c", 1)):
        (tmp_path / folder).mkdir()
        picture = Image.fromarray(scene(60, 80, seed=seed))
        picture.save(tmp_path / folder / "r.png")
        for reference in (tmp_path / folder / "r.png", picture, np.asarray(picture)):
            colorizer = Colorizer(hinting, reference=reference)
            said.append(settings_of(colorizer, {}))
            keys.append(key_of(said[-1]))
            assert said[-1]["steered_by"] not in colorizer.provenance().settings
    assert keys[:3] == [keys[0], keys[1], keys[1]]
    assert keys[:3] == keys[6:]
    assert not set(keys[:3]) & set(keys[3:6])
    assert difference(said[0], said[3]) == "another picture of the reference's name"


def test_a_run_that_was_trained_on_is_another_model(checkpoint: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from safetensors.torch import save_file

    from photochrom.weights.checkpoints import FORMAT, read_checkpoint

    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes((checkpoint / path.name).read_bytes())
    before = settings_of(Colorizer(tmp_path), {})
    assert key_of(settings_of(Colorizer(path), {})) == key_of(before)
    tensors, facts = read_checkpoint(path)
    name = next(name for name in tensors if name.startswith("ema."))
    tensors[name] = tensors[name] + 0.01
    save_file(tensors, path, metadata={"format": FORMAT, "facts": json.dumps(facts)})
    now = settings_of(Colorizer(tmp_path), {})
    assert difference(before, now) == "another file of the model"
