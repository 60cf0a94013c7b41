"""How many processors there are to use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
"""Where Linux says what a container may use."""

_V1 = ("cpu", "cpu,cpuacct")


def cores_here() -> int:
    """How many cores this process may use; at least 1.

    Fewer than the machine has where it is bound to some, or where its container has a share of
    their time: a quota of 2.5 cores keeps three busy.
    """
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    quota = _quota()
    return cores if quota is None else max(1, min(cores, math.ceil(quota)))


def _quota() -> float | None:
    """Cores' worth of time that the container may use; None where nothing says so."""
    places = [("cpu.max",), *((f"{v1}/cpu.cfs_quota_us", f"{v1}/cpu.cfs_period_us") for v1 in _V1)]
    for names in places:
        try:
            words = " ".join((_CGROUP / name).read_text() for name in names).split()
            quota, period = int(words[0]), int(words[1])
        except (OSError, ValueError, IndexError):  # no container, another version, or "max"
            continue
        if quota > 0 and period > 0:  # -1 is no limit
            return quota / period
    return None
