"""``photochrom`` with the tiny network, for tests that need processes of their own.

``FILE_LIMIT`` in the environment is the largest file, in bytes, that the system lets it write.
"""

from __future__ import annotations

import os

from photochrom.architectures.cards import NETWORKS
from photochrom.cli.main import main
from tests.training import tiny

NETWORKS.add("tiny", tiny.CARD)
if "FILE_LIMIT" in os.environ:
    import resource

    limit = int(os.environ["FILE_LIMIT"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if __name__ == "__main__":
    main()
