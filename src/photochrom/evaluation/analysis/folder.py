"""The folder of an analysis: refused before the work if it cannot be, written whole after it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from photochrom.data.pictures import Pictures
from photochrom.errors import UnwritablePhoto, WrongInput
from photochrom.evaluation.analysis.cluster_sheet import draw_clusters
from photochrom.evaluation.analysis.drawing import draw_bins, draw_chosen, draw_distributions
from photochrom.evaluation.analysis.report import Analysis
from photochrom.photo.atomic import atomic_file, reason_of
from photochrom.photo.folders import is_folder, is_there

FIGURES = ("bins.png", "chosen.png", "clusters.png", "distributions.png")
NUMBERS = "analysis.json"


def check_folder(out: Path, places: Sequence[str]) -> None:
    """Make the folder, if it is not there.

    Raises:
        UnwritablePhoto: the system refuses it, or it is a file.
        WrongInput: it lies in a folder of the pictures, so that its figures would be counted the
            next time.
    """
    for place in map(Path, places):
        inside = is_folder(place) and out.resolve().is_relative_to(place.resolve())
        if inside and not any(place.glob("*.tar")):
            message = f"{out} lies in {place}: its figures would count as pictures; choose another"
            raise WrongInput(message)
    if is_there(out) and not is_folder(out):
        message = f"{out} cannot be written: it is a file, not a folder"
        raise UnwritablePhoto(message)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{out} cannot be written: {reason_of(error)}"
        raise UnwritablePhoto(message) from error
    if not os.access(out, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        message = f"{out} cannot be written: permission denied"
        raise UnwritablePhoto(message)


def write_analysis(
    out: Path, analysis: Analysis, pictures: Pictures, content: dict[str, Any]
) -> None:
    """Draw everything, then write the figures and, last, the numbers; each file appears whole."""
    figures = (
        draw_bins(analysis),
        draw_chosen(analysis),
        draw_clusters(analysis, pictures),
        draw_distributions(analysis),
    )
    files = dict(zip(FIGURES, figures, strict=True))
    files[NUMBERS] = (json.dumps(content, indent=2) + "\n").encode()
    for name, data in files.items():
        with atomic_file(out / name) as file:
            file.write(data)
