from __future__ import annotations

import numpy as np
import pytest

from photochrom.color import spaces
from photochrom.evaluation import pair as module
from photochrom.evaluation.pair import Pair
from tests.evaluation.conftest import pair_of

EVERY_BYTE = np.random.default_rng(0).integers(0, 256, (3, 64, 64)).astype(np.uint8)
FORMS = ("lab", "yuv", "chroma", "colorfulness", "absolute_colorfulness")


def test_lab_is_that_of_the_conversion() -> None:
    pair = Pair(EVERY_BYTE, EVERY_BYTE[::-1])
    for found, rgb in ((pair.predicted_lab, EVERY_BYTE), (pair.true_lab, EVERY_BYTE[::-1])):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, spaces.rgb_to_lab(rgb / 255), atol=1e-3)


def test_errors_and_chroma_are_lengths() -> None:
    pair = pair_of(0)
    np.testing.assert_allclose(pair.true_chroma, np.hypot(*pair.true_lab[1:]), rtol=1e-5)
    difference = pair.predicted_lab[1:] - pair.true_lab[1:]
    np.testing.assert_allclose(pair.ab_error, np.hypot(*difference), rtol=1e-4, atol=1e-4)


def test_another_result_beside_the_same_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = pair_of(0), pair_of(1)
    apart = Pair(second.predicted, first.true, first.name)
    for form in FORMS:
        getattr(first, f"true_{form}")
        getattr(first, f"predicted_{form}")
    together = first.beside(second.predicted, logits=np.ones((3, 2, 2)))
    assert together.name == first.name
    assert together.logits is not None
    for form in FORMS:
        for side in ("predicted", "true"):
            expected = getattr(apart, f"{side}_{form}")
            np.testing.assert_array_equal(getattr(together, f"{side}_{form}"), expected)
    np.testing.assert_array_equal(together.ab_error, apart.ab_error)
    monkeypatch.setattr(module, "lab_of", lambda _: pytest.fail("computed again"))
    assert first.beside(second.predicted).true_lab is first.true_lab


def test_findings_in_the_truth_are_made_once_for_all_results_beside_it() -> None:
    first = pair_of(0)
    pairs = (first, first.beside(pair_of(1).predicted), first.beside(pair_of(2).predicted))
    calls: list[str] = []

    def find(name: str, value: object) -> object:
        calls.append(name)
        return value

    for pair in pairs:
        assert pair.of_truth("none", lambda _: find("none", None)) is None
        assert pair.of_truth("one", lambda _: find("one", 1)) == 1
    assert calls == ["none", "one"]
    assert pair_of(0).of_truth("one", lambda _: 2) == 2
