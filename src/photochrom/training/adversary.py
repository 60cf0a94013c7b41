"""Training against a critic, after the schedule of DeOldify (NoGAN).

First the network learns by its other losses alone ("pretrain"), then a critic learns alone to tell
what it predicts from true color ("critic"), and only at the end both learn ("gan"): a few percent
of the pictures are enough to make colors vivid, and too few for the faults of long adversarial
training.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import torch
from torch import Tensor

from photochrom.data.draws import Draws
from photochrom.losses.adversarial import PatchCritic, critic_loss, deception_loss
from photochrom.training.config import AdversarialConfig, Recipe
from photochrom.training.pairs import Pairs
from photochrom.training.task import ColorizationTask
from photochrom.weights.checkpoints import load_optimizer, optimizer_tensors, part


class Phase(StrEnum):
    """Who learns: the network, the critic, or both."""

    PRETRAIN = "pretrain"
    CRITIC = "critic"
    GAN = "gan"


class Adversary:
    """The critic of one run with its optimizer; nothing of it belongs to the network."""

    def __init__(self, fabric: Any, config: AdversarialConfig, *, seed: int) -> None:
        """``fabric`` is Lightning's: it knows the device, the precision and the other processes."""
        self.fabric, self.config = fabric, config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.critic = PatchCritic().to(fabric.device)
        # Not set up by Fabric: processes may only share the gradients of what they call alike.
        self.optimizer = torch.optim.Adam(
            self.critic.parameters(), lr=config.critic_rate, betas=(0.5, 0.99)
        )
        self._seen: tuple[Tensor, Tensor] | None = None
        self._totals = torch.zeros(2, device=fabric.device)

    def phase(self, progress: float) -> Phase:
        """The phase after ``progress`` (0..1) of the run."""
        if progress < self.config.pretrain:
            return Phase.PRETRAIN
        return Phase.CRITIC if progress < self.config.pretrain + self.config.critic else Phase.GAN

    def enter(self, progress: float, task: ColorizationTask) -> Phase:
        """The phase of this step; the task asks the critic where the network learns from it."""
        phase = self.phase(progress)
        task.judge = self.judge if phase is Phase.GAN else None
        return phase

    def judge(self, pairs: Pairs) -> Tensor:
        """How well the network deceives; what it predicted is kept for :meth:`learn`."""
        predicted, true = pairs.beside_lightness(chroma=self.config.chroma)
        self._seen = predicted.detach(), true
        self.critic.eval().requires_grad_(False)
        deception = deception_loss(self.critic(predicted))
        self.critic.train().requires_grad_(True)
        return deception

    def look(self, task: ColorizationTask, rgb: Tensor, draws: Draws) -> None:
        """Have the network color ``(B, 3, H, W)`` crops as it is, unchanged, for :meth:`learn`."""
        modes = [(module, module.training) for module in task.modules()]
        task.eval()
        with torch.no_grad(), self.fabric.autocast():
            pairs = task.pairs(rgb, draws)
            self._seen = pairs.beside_lightness(chroma=self.config.chroma)
        # Not train(): layers whose statistics must stay are in evaluation while others train.
        for module, training in modes:
            module.training = training

    def learn(self, *, share: float = 1.0) -> None:
        """Add the gradient of what was seen last, ``share`` of the batch of all processes."""
        assert self._seen is not None
        predicted, true = self._seen
        with self.fabric.autocast():
            verdicts = self.critic(torch.cat([true, predicted]))
        of_true, of_predicted = verdicts.chunk(2)
        loss = critic_loss(of_true, of_predicted)
        self.fabric.backward(share * loss)
        right = ((of_true > 0).float().mean() + (of_predicted < 0).float().mean()) / 2
        self._totals += share * torch.stack([loss.detach(), right])
        self._seen = None

    def step(self, phase: Phase) -> dict[str, float]:
        """Let the critic take what it learned; returns its loss and the share it judged rightly.

        Beside a network that learns, it learns only while its loss is above the threshold: one
        that is far ahead has nothing left to teach.
        """
        loss, right = self._summed(self._totals).tolist()
        self._totals.zero_()
        if phase is Phase.CRITIC or loss > self.config.threshold:
            for parameter in self.critic.parameters():
                parameter.grad = self._summed(parameter.grad)
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return {"critic_loss": loss, "critic_accuracy": right}

    def _summed(self, values: Tensor | None) -> Any:
        if self.fabric.world_size == 1:
            return values
        return self.fabric.all_reduce(values, reduce_op="sum")

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint keeps."""
        critic = {f"critic.{k}": v for k, v in self.critic.state_dict().items()}
        return critic | {f"optimizer.{k}": v for k, v in optimizer_tensors(self.optimizer).items()}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Continue from :meth:`state`."""
        self.critic.load_state_dict(part(tensors, "critic"))
        load_optimizer(self.optimizer, part(tensors, "optimizer"))


def build_adversary(fabric: Any, recipe: Recipe) -> Adversary | None:
    """The recipe's adversary; None without one (``adversarial.weight`` 0)."""
    if not recipe.adversarial.weight:
        return None
    return Adversary(fabric, recipe.adversarial, seed=recipe.seed)
