"""Lets torchvision import beside a CPU build of torch.

PyPI has torchvision only linked against CUDA; beside a CPU torch its compiled operators do not
load, and its import fails when it registers their shapes. Declaring the two names that it
registers lets everything else (models, transforms) work; the operators themselves stay missing,
and calling one still raises. Where torchvision loads, its own declarations stand: a second one
of the same name would stop the process.
"""

from __future__ import annotations

import functools
import importlib.util
import sys

import torch

_DECLARED = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


@functools.cache
def declare_torchvision_operators() -> torch.library.Library | None:
    """Declare the operators if torchvision lacks them; cached, for the library must stay alive."""
    if importlib.util.find_spec("torchvision") is None or _torchvision_loads():
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name, signature in _DECLARED.items():
        library.define(name + signature)
    return library


def _torchvision_loads() -> bool:
    """Whether torchvision imports as it is; what a failed import leaves behind is removed."""
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        for name in [n for n in sys.modules if n.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        return False
    return True
