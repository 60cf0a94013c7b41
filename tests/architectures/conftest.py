"""One thread, as the cores are shared; and timm importable whatever torchvision is beside it."""

from __future__ import annotations

import torch

from photochrom.backbones.torchvision_operators import declare_torchvision_operators

torch.set_num_threads(1)
declare_torchvision_operators()
