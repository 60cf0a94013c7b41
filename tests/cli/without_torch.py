"""The command line where PyTorch is not installed."""

from __future__ import annotations

import subprocess
import sys

_MAIN = """
import sys
sys.modules["torch"] = None
sys.argv = ["photochrom", *sys.argv[1:]]
from photochrom.cli.main import main
main()
"""


def run_without_torch(*words: object) -> subprocess.CompletedProcess[str]:
    """What ``photochrom WORDS`` prints and returns in a process that cannot import torch."""
    return subprocess.run(
        [sys.executable, "-c", _MAIN, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
