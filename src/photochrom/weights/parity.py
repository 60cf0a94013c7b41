"""How far a file may be from what it was made of, and what is said of one that is further."""

from __future__ import annotations

import math

from photochrom.errors import ModelError


def check_difference(difference: float, bound: float, *, of: str, advice: str = "") -> None:
    """Raise :class:`ModelError` for a ``difference`` in ab, Lab units, above ``bound``.

    Also for one that is no number: then some color is none. ``of`` is what differs from what, such
    as "the graph, beside torch,"; ``advice`` what may help.
    """
    if difference <= bound:
        return
    off = (
        f"is off by {difference:.3g} Lab units, more than {bound:g}"
        if math.isfinite(difference)
        else "gives colors that are no numbers"
    )
    message = f"{of} {off}; nothing written{advice and f'; {advice}'}"
    raise ModelError(message)
