"""photochrom colorizes black-and-white photographs.

>>> import photochrom
>>> photochrom.colorize("grandma.jpg")  # doctest: +SKIP
'grandma.color.jpg'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from photochrom.inference.colorizer import Colorizer
    from photochrom.inference.convenience import colorize, list_models, load_model
    from photochrom.inference.hints import Hint

# Written here and read by the build: asking the installed package costs a tenth of a cold start.
__version__ = "0.1.0"

__all__ = ["Colorizer", "Hint", "__version__", "colorize", "list_models", "load_model"]

_HOMES = {
    "Colorizer": "photochrom.inference.colorizer",
    "Hint": "photochrom.inference.hints",
    "colorize": "photochrom.inference.convenience",
    "list_models": "photochrom.inference.convenience",
    "load_model": "photochrom.inference.convenience",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for (PEP 562): the package itself stays light."""
    if name not in _HOMES:
        message = f"module 'photochrom' has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
