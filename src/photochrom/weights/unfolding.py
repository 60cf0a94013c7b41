"""From an exported model back to weights that can be trained on.

The exporter folds most BatchNorm layers into the convolutions before them. Training needs them
apart, with means and variances of what they normalize; these are measured again, on pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from photochrom.errors import ModelError
from photochrom.weights.cards import ModelCard
from photochrom.weights.onnx_file import read_model

NARROWED = ("Cast", "Mul", "DequantizeLinear")
"""What widens stored weights, see :mod:`~photochrom.weights.storage` and ``eight_bits``."""

WIDENED = "_DequantizeLinear_Output"
"""How the quantizer names what it widens."""


@dataclass(frozen=True)
class Unfolded:
    """A convolution, the BatchNorm that was folded into it, and the bias that took its place."""

    convolution: nn.Module
    norm: _BatchNorm
    bias: Tensor


def read_exported(path: Path) -> tuple[dict[str, Tensor], ModelCard]:
    """Constants of an exported model, fp32, by the names of its graph; and its card.

    Those of the network begin with "network."; "centers" and "prior" are the bins, where it has
    any. Raises :class:`ModelError` if the file is none of ours.
    """
    from onnx import numpy_helper
    from onnx.reference import ReferenceEvaluator

    proto, card = read_model(path)
    known: dict[str, Any] = {t.name: numpy_helper.to_array(t) for t in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type in NARROWED and all(name in known for name in node.input):
            values = {name: known[name] for name in node.input}
            (known[node.output[0]],) = ReferenceEvaluator(node).run(None, values)
    return {
        name.removesuffix(WIDENED): torch.from_numpy(np.array(values))
        for name, values in known.items()
        if values.dtype == np.float32
    }, card


def unfold(
    network: nn.Module, constants: dict[str, Tensor], shows: Sequence[Callable[[], object]]
) -> None:
    """Load what :func:`read_exported` found into ``network``, in place.

    Each of ``shows`` runs the network on a batch of pictures such as it will be trained on; in
    evaluation the network gives what the file's graph gives, whatever they are. Raises
    :class:`ModelError` if the file holds another network.
    """
    weights = {name.removeprefix("network."): values for name, values in constants.items()}
    training = network.training
    network.eval()
    with torch.no_grad():
        folded = [*_folded(network, weights, shows[0])]
        _load(network, weights)
        for one in folded:
            _set(one.norm, mean=torch.zeros_like(one.bias), variance=torch.ones_like(one.bias),
                 bias=one.bias)  # fmt: skip
        for one, (mean, variance) in zip(folded, _moments(folded, shows), strict=True):
            _set(one.norm, mean=mean, variance=variance, bias=one.bias + mean)
    network.train(training)


def _folded(
    network: nn.Module, weights: dict[str, Tensor], show: Callable[[], object]
) -> Iterator[Unfolded]:
    """BatchNorm layers of which ``weights`` know nothing, behind a convolution of which they do.

    Takes the biases that belong to them out of ``weights`` and puts in what they replaced.
    """
    names = {module: name for name, module in network.named_modules()}
    for convolution, norm in _followers(network, show):
        name, of_norm = names[convolution], names[norm]
        if f"{of_norm}.running_mean" in weights:
            continue
        bias = weights.pop(f"{name}.weight_bias", weights.get(f"{name}.bias"))
        if bias is None:
            message = f"{of_norm} is neither there nor folded into {name}"
            raise ModelError(message)
        if convolution.bias is not None:
            weights[f"{name}.bias"] = torch.zeros_like(bias)
        own = norm.state_dict()
        weights |= {f"{of_norm}.{key}": values for key, values in own.items()}
        yield Unfolded(convolution, norm, bias)


def _followers(
    network: nn.Module, show: Callable[[], object]
) -> list[tuple[nn.Module, _BatchNorm]]:
    """Every convolution whose very output a BatchNorm takes, with it; one batch shows that."""
    made: dict[int, tuple[nn.Module, Tensor]] = {}  # the tensors stay alive, so that ids do
    found: dict[nn.Module, _BatchNorm] = {}

    def note_output(module: nn.Module, _: object, output: Tensor) -> None:
        made[id(output)] = (module, output)

    def note_input(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if id(inputs[0]) in made and isinstance(module, _BatchNorm):
            found[made[id(inputs[0])][0]] = module

    with ExitStack() as hooks:
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                hooks.enter_context(module.register_forward_hook(note_output))
            elif isinstance(module, _BatchNorm):
                hooks.enter_context(module.register_forward_pre_hook(note_input))
        show()
    return list(found.items())


def _load(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load all parts that the network has, and refuse if the file lacks one."""
    own = network.state_dict()
    uncounted = {k: v for k, v in own.items() if k.endswith("num_batches_tracked")}
    fitting = {key: values for key, values in weights.items() if key in own}
    try:
        network.load_state_dict(uncounted | fitting)
    except RuntimeError as error:
        raise ModelError(" ".join(str(error).split())) from error


def _moments(
    folded: list[Unfolded], shows: Sequence[Callable[[], object]]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Mean and variance, for each channel, of what each convolution gives."""
    sums = [torch.zeros(3, len(one.bias), dtype=torch.float64) for one in folded]

    def note(total: Tensor, output: Tensor) -> None:
        variance, mean = (m.cpu().double() for m in torch.var_mean(output, (0, 2, 3), correction=0))
        ones = torch.ones_like(mean)
        total += torch.stack([ones, mean, variance + mean.square()]) * output[:, 0].numel()

    with ExitStack() as hooks:
        for one, total in zip(folded, sums, strict=True):
            hooks.enter_context(
                one.convolution.register_forward_hook(
                    lambda _module, _inputs, output, total=total: note(total, output)
                )
            )
        for show in shows:
            show()
    for count, total, squares in sums:
        mean = total / count
        yield mean.float(), (squares / count - mean.square()).clamp_min(0).float()


def _set(norm: _BatchNorm, *, mean: Tensor, variance: Tensor, bias: Tensor) -> None:
    """Give a BatchNorm these statistics and this shift, and the scale that undoes its division."""
    for own, values in (
        (norm.running_mean, mean),
        (norm.running_var, variance),
        (norm.weight, torch.sqrt(variance + norm.eps)),
        (norm.bias, bias),
    ):
        if own is not None:
            own.copy_(values)
