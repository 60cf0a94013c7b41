"""Keeps glibc from returning every tensor's memory to the kernel and asking for it again.

A training step frees and allocates the same large blocks; by default each allocation above a
threshold is mapped afresh and its pages are zeroed on first touch. Measured on two cores, keeping
them makes element-wise layers 2 to 3 times faster (depthwise convolution with BatchNorm and ReLU:
101 ms to 36 ms a step). Elsewhere than on glibc nothing happens.
"""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4


def keep_freed_memory() -> bool:
    """Set the allocator of this process; returns whether it took."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 64 * 2**20))
    return all(mallopt(key, value) == 1 for key, value in settings)
