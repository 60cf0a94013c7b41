"""How results are written: the keywords of ``Colorizer.save``, for type checkers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from photochrom.inference.hints import Hint


class Writing(TypedDict, total=False):
    """Options that :meth:`photochrom.Colorizer.write` describes."""

    quality: int | None
    side_by_side: bool
    provenance: bool
    hints: Sequence[Hint]
