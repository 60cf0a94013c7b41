"""Lets timm import beside this torch, whichever test comes first; one thread, as in training."""

from __future__ import annotations

import torch

from photochrom.backbones.torchvision_operators import declare_torchvision_operators

declare_torchvision_operators()
torch.set_num_threads(1)
