"""Downloads that fail at once where there is no network, not after a minute of silence.

The libraries that download ask their hosts again and again. Here the host is asked first, and only
where it answers may they; what they have kept from before they find in any case.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, build_opener

from photochrom.errors import NotDownloaded

PATIENCE = 2.0
"""Seconds in which a host must say something."""


@contextmanager
def downloading(network: str, url: str = "") -> Iterator[None]:
    """Let a library load the weights of ``network``, from ``url`` or, without, from the model hub.

    Raises :class:`NotDownloaded` for whatever goes wrong inside.
    """
    from huggingface_hub import constants

    place = url or constants.ENDPOINT
    host, offline = urlsplit(place).hostname or place, constants.HF_HUB_OFFLINE
    forbidden = offline and not url
    silent = not forbidden and not (url and _is_kept(url)) and not answers(place)
    if silent and url:
        raise NotDownloaded(network, f"{host} does not answer")
    constants.HF_HUB_OFFLINE = offline or silent
    try:
        yield
    except Exception as error:
        reason = f"the download from {host} failed"
        if forbidden:
            reason = "HF_HUB_OFFLINE is set"
        elif silent:
            reason = f"{host} does not answer"
        raise NotDownloaded(network, reason) from error
    finally:
        constants.HF_HUB_OFFLINE = offline


def answers(url: str) -> bool:
    """Whether the host of ``url`` says anything in time, through a proxy where one is set.

    Asked in a thread, for the search for a host's address knows no time limit.
    """
    heard: list[bool] = []

    def ask() -> None:
        try:
            # An opener of its own: the shared one keeps the proxies that it first saw.
            with build_opener().open(Request(url, method="HEAD"), timeout=PATIENCE):
                heard.append(True)
        except HTTPError:
            heard.append(True)
        except (OSError, HTTPException, ValueError) as error:
            # Libraries bring certificates of their own: let them find out.
            unsure = isinstance(error, URLError) and isinstance(error.reason, ssl.SSLError)
            heard.append(unsure)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return any(heard)


def _is_kept(url: str) -> bool:
    """Whether torch has the file from an earlier download."""
    import torch

    name = os.path.basename(urlsplit(url).path)  # noqa: PTH119 - of an address, not of a file
    return Path(torch.hub.get_dir(), "checkpoints", name).is_file()
