"""CPU time of the embedded network against eccv16, in the same runtime.

    python benchmarks/network.py [--size 256] [--out benchmarks/results/network.json]

eccv16 (Zhang et al. 2016) has random weights here: time does not depend on them. Both run in ONNX
Runtime on one thread, turn by turn, so that a drift of the machine meets both. Needs the train
extra to build eccv16.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from saving import save
from torch import Tensor, nn

from photochrom.architectures.cards import build_network
from photochrom.weights.models import MODELS


class ToColor(nn.Module):
    """eccv16 to the end of its release: softmax, then the colors of the bins."""

    def __init__(self) -> None:
        super().__init__()
        self.network: Any = build_network("eccv16")

    def forward(self, lightness: Tensor) -> Tensor:
        """``(B, 1, H, W)`` in 0..100 to ab at 1/4 size, scaled."""
        ab: Tensor = self.network.model_out(self.network(lightness).logits.softmax(1))
        return ab


def session_of(data: bytes) -> onnxruntime.InferenceSession:
    """A session on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    network = ToColor().eval()
    parameters = sum(p.numel() for p in network.parameters())
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, (torch.zeros(1, 1, args.size, args.size),), buffer, dynamo=False)
    shape = (1, 1, args.size, args.size)
    lightness = np.random.default_rng(0).uniform(0, 100, shape).astype(np.float32)
    theirs, ours = session_of(buffer.getvalue()), session_of(MODELS["photochrom"].read_bytes())
    scalars = {
        "temperature": np.array(1, np.float32),
        "rebalance": np.array(0.3, np.float32),
    }
    hints = np.zeros((1, 3, args.size, args.size), np.float32)
    feeds = {
        "eccv16": (theirs, None, {theirs.get_inputs()[0].name: lightness}),
        "photochrom": (
            ours, ["ab", "confidence"], {"lightness": lightness, "hints": hints, **scalars},
        ),
    }  # fmt: skip
    times: dict[str, list[float]] = {name: [] for name in feeds}
    for _ in range(args.repeats + 2):
        for name, (session, wanted, feed) in feeds.items():
            started = time.process_time()
            session.run(wanted, feed)
            times[name].append(time.process_time() - started)
    milliseconds = {name: 1000 * statistics.median(t[2:]) for name, t in times.items()}
    ratio = milliseconds["eccv16"] / milliseconds["photochrom"]
    print(f"eccv16 ({parameters:,} parameters) {milliseconds['eccv16']:.0f} ms, "
          f"photochrom {milliseconds['photochrom']:.1f} ms: 1/{ratio:.1f}")  # fmt: skip
    rows = {"size": args.size, "milliseconds": milliseconds, "eccv16_to_photochrom": ratio}
    save({"benchmark": "network", "eccv16_parameters": parameters, **rows}, args.out)


if __name__ == "__main__":
    main()
