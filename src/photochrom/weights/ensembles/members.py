"""Members of an ensemble: any model of ours as an ONNX graph, with what a trial run tells of it.

Exported files need only onnx; checkpoints and run folders are exported first, which takes torch.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import MissingExtra, ModelError
from photochrom.weights.cards import ModelCard
from photochrom.weights.models import find_model, is_checkpoint
from photochrom.weights.onnx_file import read_model, runtime

INPUTS = ("lightness", "hints", "temperature", "rebalance")
"""What members may take, in the order in which an ensemble takes it."""


@dataclass(frozen=True)
class OpenedMember:
    """A member's ``proto`` (ONNX) and ``card``; ``label`` is what the user called it, ``planes``
    how many channels each picture that it takes has.
    """

    label: str
    path: Path
    proto: Any
    card: ModelCard
    planes: dict[str, int]

    def trial(self, values: dict[str, np.ndarray], outputs: list[str]) -> list[np.ndarray]:
        """The named values of its graph for some of ``values``, those that it takes."""
        import onnx

        watched = onnx.ModelProto()
        watched.CopyFrom(self.proto)
        del watched.graph.output[:]
        kind = onnx.TensorProto.FLOAT
        watched.graph.output.extend(
            onnx.helper.make_tensor_value_info(name, kind, None) for name in outputs
        )
        try:
            session = runtime(watched.SerializeToString())
            return list(session.run(outputs, {name: values[name] for name in self.card.inputs}))
        except Exception as error:
            message = f"the model {self.label} cannot be run: {' '.join(str(error).split())[:200]}"
            raise ModelError(message) from error


def open_member(model: str | Path, *, storage: str = "fp16") -> OpenedMember:
    """Open a name, exported file, checkpoint or run folder; ``storage`` as a checkpoint's weights
    are to be stored.

    Raises :class:`UnknownName`, :class:`ModelError`, :class:`MissingExtra`.
    """
    path = find_model(model)
    if is_checkpoint(path):
        try:
            from photochrom.weights.export import export
        except ImportError as error:
            raise MissingExtra("train", f"exporting the checkpoint {path}") from error
        with tempfile.TemporaryDirectory() as folder:
            done = export(path, Path(folder) / "member.onnx", storage=storage)
            proto, card = read_model(done.path)
    else:
        proto, card = read_model(path)
    shapes = {i.name: i.type.tensor_type.shape.dim for i in proto.graph.input}
    if set(shapes) != set(card.inputs) or not set(shapes) <= set(INPUTS):
        message = f"the model {model} takes {', '.join(shapes)}: that cannot be a member"
        raise ModelError(message)
    planes = {name: dims[1].dim_value for name, dims in shapes.items() if len(dims) == 4}
    return OpenedMember(str(model), path, proto, card, planes)


def trial_inputs(members: list[OpenedMember], multiple: int) -> dict[str, np.ndarray]:
    """Two made-up pictures that every member takes, with a few hints and a middling dial."""
    generator = np.random.default_rng(0)
    shape = (2, 1, 2 * multiple, 3 * multiple)
    mask = generator.random(shape) > 0.9
    hints = np.concatenate([generator.normal(0, 20, (2, 2, *shape[2:])) * mask, mask], 1)
    planes = {name: count for member in members for name, count in member.planes.items()}
    lightness = generator.uniform(0, 100, (2, planes["lightness"], *shape[2:]))
    values = {"lightness": lightness, "hints": hints, "temperature": 0.7, "rebalance": 0.3}
    return {name: np.asarray(value, dtype=np.float32) for name, value in values.items()}
