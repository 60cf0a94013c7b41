"""CPU time of the embedded network against the layer list of eccv16, in the same runtime.

    python benchmarks/network.py [--size 256] [--out benchmarks/results/network.json]

eccv16 (Zhang et al. 2016) has random weights here: time does not depend on them. Both run in ONNX
Runtime on one thread, turn by turn, so that a drift of the machine meets both. Needs the train
extra to build eccv16.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from photochrom.weights.models import MODELS

# (blocks of (outputs, stride, dilation)); BatchNorm after each block, as published.
BLOCKS = (
    ((64, 1, 1), (64, 2, 1)),
    ((128, 1, 1), (128, 2, 1)),
    ((256, 1, 1), (256, 1, 1), (256, 2, 1)),
    ((512, 1, 1), (512, 1, 1), (512, 1, 1)),
    ((512, 1, 2), (512, 1, 2), (512, 1, 2)),
    ((512, 1, 2), (512, 1, 2), (512, 1, 2)),
    ((512, 1, 1), (512, 1, 1), (512, 1, 1)),
)


def eccv16_layers() -> nn.Sequential:
    """The published layer list: 32,236,011 parameters, output ab at 1/4 size."""
    layers: list[nn.Module] = []
    width = 1
    for block in BLOCKS:
        for outputs, stride, dilation in block:
            layers += [
                nn.Conv2d(width, outputs, 3, stride, dilation, dilation),
                nn.ReLU(inplace=True),
            ]
            width = outputs
        layers.append(nn.BatchNorm2d(width))
    layers += [nn.ConvTranspose2d(512, 256, 4, 2, 1), nn.ReLU(inplace=True)]
    for _ in range(2):
        layers += [nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(inplace=True)]
    layers += [nn.Conv2d(256, 313, 1), nn.Softmax(1), nn.Conv2d(313, 2, 1, bias=False)]
    return nn.Sequential(*layers).eval()


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
    network = eccv16_layers()
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
    if args.out:
        rows = {"size": args.size, "milliseconds": milliseconds, "eccv16_to_photochrom": ratio}
        args.out.parent.mkdir(parents=True, exist_ok=True)
        result = {"benchmark": "network", "eccv16_parameters": parameters, **rows}
        args.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
