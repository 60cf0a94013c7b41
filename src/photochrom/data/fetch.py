"""Downloads public sets with torchvision: the only place in this room that uses the network."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.error import URLError

from photochrom.data.public_sets import PUBLIC_SETS, PublicSet
from photochrom.errors import DataError, MissingExtra

_SILENCE = 60.0  # seconds without a byte after which a host counts as gone


def fetch(name: str, out: Path) -> PublicSet:
    """Download the set ``name`` into ``out``, where ``NAME:OUT`` then finds it.

    Raises:
        UnknownName: no set of that name.
        DataError: its owners give it only by hand, or it could not be downloaded.
        MissingExtra: torchvision, which comes with the extra "train", is not installed.
    """
    card = PUBLIC_SETS[name]
    if not card.fetch:
        message = f"{name} cannot be fetched by a program: get it at {card.source}, put it in {out}"
        raise DataError(message)
    try:
        from photochrom.backbones.torchvision_operators import declare_torchvision_operators

        declare_torchvision_operators()
        from torchvision import datasets
    except ImportError as error:
        raise MissingExtra("train", "photochrom data fetch") from error
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SILENCE)
    try:
        for dataset, arguments in card.fetch:
            getattr(datasets, dataset)(out, download=True, **arguments)
    except URLError as error:
        message = f"cannot fetch {name}: the network or its host does not answer ({error.reason})"
        raise DataError(message) from error
    except (OSError, RuntimeError, ValueError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        message = f"cannot fetch {name} from {card.source}: {said}"
        raise DataError(message) from error
    finally:
        socket.setdefaulttimeout(before)
    return card
