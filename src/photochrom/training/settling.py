"""What BatchNorm must know of the weights that are judged, kept and used.

Its running statistics are those of the last steps' weights. The weights in use are an average, and
a large step changes at once what those describe: used together, the colors are off, by thousands
of times in the first steps. So the statistics are measured for the very weights, on what training
has just seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from photochrom.data.draws import Draws
from photochrom.training.average import Average
from photochrom.training.batches import StagedCrops
from photochrom.training.task import ColorizationTask
from photochrom.training.timeline import Part

SEEN = 256
"""So many images are shown to measure by, in the batches in which training saw them."""


def settle(average: Average, task: ColorizationTask, seen: Iterable[tuple[Tensor, Draws]]) -> None:
    """Give the average the statistics that its weights have on crops ``seen``, as in training."""
    average.add({}, {})
    norms = learning_norms(task)
    if not norms:
        return
    with average.in_place(), measuring(task, norms) as found:
        for crops, draws in seen:
            task.pairs(crops.to(task.centers.device), draws)
    average.add(statistics(norms), found)


def just_seen(
    crops: StagedCrops, position: int, stage: int, draws: Callable[[Part], Draws]
) -> Iterator[tuple[Tensor, Draws]]:
    """The crops before a position in its stage, in the parts in which one process takes them."""
    timeline = crops.timeline
    batch = timeline.stages[stage].recipe.training.batch_size
    first = max(timeline.stages[stage].start, position - -(-SEEN // batch) * batch)
    for step in takewhile(lambda step: step.start < position, timeline.steps(first)):
        for part in timeline.parts(step):
            yield torch.stack([crops[place] for place in part.places]), draws(part)


def learning_norms(task: nn.Module) -> dict[str, _BatchNorm]:
    """The BatchNorm layers that learn statistics just now, by name: not those that are frozen."""
    return {
        name: module
        for name, module in task.named_modules()
        if isinstance(module, _BatchNorm) and module.training and module.track_running_stats
    }


def statistics(norms: Mapping[str, _BatchNorm]) -> dict[str, Tensor]:
    """The running means and variances of the layers, by the names that a state dict gives them."""
    return {
        f"{name}.{key}": getattr(norm, key)
        for name, norm in norms.items()
        for key in ("running_mean", "running_var")
    }


@contextmanager
def measuring(task: nn.Module, norms: Mapping[str, _BatchNorm]) -> Iterator[dict[str, Tensor]]:
    """Inside, the task colors what it is shown; afterwards what is yielded is complete.

    It holds means over the batches shown; the layers' own statistics and modes are as they were.
    """
    modes = [(module, module.training) for module in task.modules()]
    own = {
        norm: (norm.momentum, {key: values.clone() for key, values in norm.state_dict().items()})
        for norm in norms.values()
    }
    found: dict[str, Tensor] = {}
    task.eval()
    for norm in norms.values():
        norm.train()
        norm.reset_running_stats()
        norm.momentum = None  # of all batches alike
    try:
        with torch.no_grad():
            yield found
        found.update((key, values.clone()) for key, values in statistics(norms).items())
    finally:
        for norm, (momentum, state) in own.items():
            norm.momentum = momentum
            norm.load_state_dict(state)
        for module, training in modes:
            module.training = training
