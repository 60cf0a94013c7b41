"""Lets torchvision import beside a CPU build of torch.

PyPI has torchvision only linked against CUDA; beside a CPU torch its compiled operators do not
load, and its import fails when it registers their shapes. Declaring the two names that it
registers lets everything else (models, transforms) work; the operators themselves stay missing,
and calling one still raises.
"""

from __future__ import annotations

import functools
import importlib.util

import torch

_DECLARED = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


@functools.cache
def declare_torchvision_operators() -> torch.library.Library | None:
    """Declare the operators if torch is a CPU build; the library must stay alive: it is cached."""
    if torch.version.cuda is not None or importlib.util.find_spec("torchvision") is None:
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name, signature in _DECLARED.items():
        library.define(name + signature)
    return library
