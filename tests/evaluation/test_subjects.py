"""Subjects of pictures, by category and by what is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.evaluation.report.subjects import OTHERS, WORDS, by_subject, subject_of
from photochrom.evaluation.runner import Trial
from photochrom.evaluation.tally import Record
from photochrom.evaluation.view import View

SKY, LEAVES, SKIN = (150, 180, 215), (70, 110, 60), (176, 136, 107)


def fields(top: tuple[int, ...], low: tuple[int, ...]) -> np.ndarray:
    picture = np.full((3, 64, 64), 128, np.uint8)
    picture[:, :32], picture[:, 32:] = (np.array(c)[:, None, None] for c in (top, low))
    return picture


GRAY = (128, 128, 128)


@pytest.mark.parametrize(
    ("category", "subject"),
    [
        ("opencountry", "landscapes"), ("outdoor/Forest", "greenery"), ("tallbuilding", "homes"),
        ("portraits", "faces"), ("clothing", "patterns"), ("cars", "objects"), ("skyline", "skies"),
        ("skyscraper", "homes"), ("outdoor-churches", "homes"), ("palm_trees", "greenery"),
    ],
)  # fmt: skip
def test_a_category_names_the_subject_whatever_is_seen(category: str, subject: str) -> None:
    assert subject_of(category, fields(SKIN, SKIN)) == subject


@pytest.mark.parametrize("category", ["parking_lot", "surface", "driver", "scarf", "mushroom"])
def test_words_within_words_say_nothing(category: str) -> None:
    assert subject_of(category, fields(GRAY, GRAY)) == OTHERS


@pytest.mark.parametrize(
    ("top", "low", "subject"),
    [
        (SKIN, SKIN, "faces"), (SKY, GRAY, "skies"), (GRAY, LEAVES, "greenery"),
        (SKY, LEAVES, "landscapes"), (GRAY, GRAY, OTHERS),
    ],
)  # fmt: skip
def test_without_a_category_colors_tell(
    top: tuple[int, ...], low: tuple[int, ...], subject: str
) -> None:
    assert subject_of("", fields(top, low)) == subject
    assert subject_of("n01440764", fields(top, low)) == subject


def test_a_sheet_has_some_of_every_subject(tmp_path: Path) -> None:
    looks = {"a": (SKIN, SKIN), "b": (SKY, GRAY), "c": (GRAY, LEAVES), "d": (GRAY, (200, 30, 40))}
    for name, look in looks.items():
        for number in range(1 if name == "a" else 6):
            image = Image.fromarray(fields(*look).transpose(1, 2, 0))
            image.save(tmp_path / f"IMG_{name}{number}.png")
    trial = Trial((str(tmp_path),), (), (), View(64))
    pictures, chosen = trial.pictures()
    records = [Record(index, pictures.name(index), {}) for index in chosen]
    found = by_subject(trial, records, 8)
    assert list(found) == [s for s in (*WORDS, OTHERS) if s in found]
    assert {subject: len(records) for subject, records in found.items()} == {
        "faces": 1, "skies": 2, "greenery": 2, OTHERS: 2,
    }  # fmt: skip
    assert found == by_subject(trial, records, 8)
