"""What pictures show, for sheets that a person enjoys: by the set's categories, else by regions."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from photochrom.data.transforms import decode
from photochrom.errors import DataError
from photochrom.evaluation.pair import Pair
from photochrom.evaluation.regions import SKINS, region_of
from photochrom.evaluation.report.cases import spread
from photochrom.evaluation.runner import Trial
from photochrom.evaluation.tally import Record

WORDS = {
    "faces": ("face", "portrait", "people", "person", "human"),
    "landscapes": (
        "landscape", "mountain", "coast", "beach", "valley", "desert", "lake", "ocean", "seaside",
        "field", "canyon", "country", "opencountry", "glacier", "river", "snow", "highway",
    ),
    "homes": (
        "house", "home", "kitchen", "bedroom", "room", "street", "building", "city", "office",
        "church", "tower", "village", "insidecity", "tallbuilding", "skyscraper",
    ),
    "skies": ("sky", "skyline", "cloud", "sunset", "sunrise"),
    "greenery": ("forest", "garden", "park", "tree", "plant", "flower", "jungle", "grass"),
    "patterns": ("pattern", "texture", "fabric", "cloth", "clothing", "tile", "carpet"),
    "objects": ("object", "car", "food", "tool", "furniture", "instrument", "toy", "animal"),
}  # fmt: skip
"""Words of a category's name; the first subject with one of them, or its plural, is taken."""
OTHERS = "others"
LEAST_SHARE = 0.15
"""Sky or foliage that is what a picture shows, as a share of it."""
LOOKED_AT = 120
"""Pictures looked at to find some of every subject."""


def subject_of(category: str, true: np.ndarray) -> str:
    """The subject of a picture: sRGB ``(3, H, W)`` uint8 in the set's ``category``, or ""."""
    named = {word.removesuffix(end) for word in re.findall("[a-z]+", category.lower())
             for end in ("", "s", "es")}  # fmt: skip
    for subject, words in WORDS.items():
        if not named.isdisjoint(words):
            return subject
    pair = Pair(true, true)
    if any(region_of(pair, group) is not None for group in SKINS):
        return "faces"
    sky, foliage = (_share(pair, group) >= LEAST_SHARE for group in ("sky", "foliage"))
    if sky and foliage:
        return "landscapes"
    return "skies" if sky else "greenery" if foliage else OTHERS


def _share(pair: Pair, group: str) -> float:
    region = region_of(pair, group)
    return 0.0 if region is None else float(region.mean())


def by_subject(trial: Trial, records: Sequence[Record], count: int) -> dict[str, list[Record]]:
    """So many pictures in all or fewer, evenly spread over the subjects and over the set.

    In the order of ``WORDS``, others last; subjects that were not met are left out.
    """
    pictures, _ = trial.pictures()
    found: dict[str, list[Record]] = {subject: [] for subject in (*WORDS, OTHERS)}
    for record in spread(records, LOOKED_AT):
        try:
            image = decode(pictures.read(record.index), record.name)
        except DataError:
            continue
        subject = subject_of(pictures.category(record.index), trial.view.of(image)[0])
        found[subject].append(record)
    met = {subject: records for subject, records in found.items() if records}
    each = max(count // max(len(met), 1), 1)
    return {subject: spread(records, each) for subject, records in met.items()}
