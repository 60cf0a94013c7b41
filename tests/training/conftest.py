"""One thread: the tests repeat bit for bit, and two cores are not fought over."""

from __future__ import annotations

import torch

torch.set_num_threads(1)
