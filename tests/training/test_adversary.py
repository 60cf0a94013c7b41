"""Who learns when: the network, the critic, both; and a run in parts is the run in one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from photochrom.architectures.prediction import Prediction
from photochrom.color.spaces import rgb_to_lab
from photochrom.errors import RecipeError
from photochrom.losses import adversarial
from photochrom.losses.adversarial import PatchCritic
from photochrom.recipes import find_recipe
from photochrom.training.adversary import Adversary, Phase, build_adversary
from photochrom.training.config import AdversarialConfig, Recipe
from photochrom.training.loop import train
from photochrom.training.pairs import Pairs
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from photochrom.weights.graph import load_graph
from tests.training.heads import HEADS, four_crops, make
from tests.training.test_loop import TINY, StopAt, rows_of

Tensors = dict[str, torch.Tensor]
SMALLER = ["encoder.name=mobilenetv2_050", "training.epoch_images=8"]
PHASES = [
    "adversarial.weight=0.5",
    "adversarial.pretrain=0.25",  # of 32 images: to the 8th
    "adversarial.critic=0.375",  # to the 20th
]


def recipe(*overrides: str) -> Recipe:
    settings = [*TINY, *SMALLER, *PHASES, *overrides]
    return read_recipe(find_recipe("photochrom"), settings)


def go(chosen: Recipe, pictures: Path, out: Path, progress: ProgressLine | None = None) -> Tensors:
    progress = progress or ProgressLine(Console(file=io.StringIO()))
    train(chosen, [str(pictures)], out, progress=progress, device="cpu")
    return load_file(out / "checkpoint.safetensors")


def changed(before: Tensors, after: Tensors, *prefixes: str) -> set[str]:
    assert before.keys() <= after.keys()
    found = (k for k in before if k.startswith(prefixes))
    return {k for k in found if not torch.equal(before[k], after[k])}


@pytest.fixture(scope="module", autouse=True)
def _narrow_critic() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adversarial, "WIDTHS", (16, 16, 32, 32))
        yield


@pytest.fixture
def crops() -> torch.Tensor:
    return four_crops()


@pytest.fixture(scope="module")
def whole(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole")
    go(recipe(), pictures, out)
    return out


@pytest.fixture(scope="module")
def phases(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Tensors]:
    """The state where each phase ends."""
    out = tmp_path_factory.mktemp("phases")
    return [go(recipe(), pictures, out, progress) for progress in (StopAt(8), StopAt(20), None)]


NETWORK = ("task.", "ema.", "optimizer.")
CRITIC = ("adversary.critic.",)


def test_at_first_only_the_network_learns(
    phases: list[Tensors], pictures: Path, tmp_path: Path
) -> None:
    plain = recipe("adversarial.weight=0")
    alone = go(plain, pictures, tmp_path, StopAt(8))
    assert not [k for k in alone if k.startswith("adversary")]
    assert changed(alone, phases[0], *NETWORK) == set()
    torch.manual_seed(plain.seed)
    fresh = {f"adversary.critic.{k}": v for k, v in PatchCritic().state_dict().items()}
    assert changed(fresh, phases[0], *CRITIC) == set()


def test_then_only_the_critic(phases: list[Tensors]) -> None:
    before, after, _ = phases
    # But for what is measured on the pictures that were seen last.
    measured = {k for k in before if k.startswith("ema.") and "running" in k}
    assert changed(before, after, *NETWORK) == measured
    kernels = {k for k in before if k.startswith(CRITIC) and k.endswith("original")}
    assert kernels
    assert changed(before, after, *CRITIC) >= kernels


def test_then_both(phases: list[Tensors]) -> None:
    _, before, after = phases
    kernels = {k for k in before if k.startswith("task.network") and k.endswith("weight")}
    still = kernels - changed(before, after, *NETWORK)
    assert all(k.startswith("task.network.encoder") for k in still), "only frozen layers stay"
    assert changed(before, after, *CRITIC)


@pytest.mark.parametrize("images", [4, 12, 24])
def test_resumed_in_each_phase_equals_uninterrupted(
    whole: Path, pictures: Path, tmp_path: Path, images: int
) -> None:
    go(recipe(), pictures, tmp_path, StopAt(images))
    again = go(recipe(), pictures, tmp_path)
    expected = load_file(whole / "checkpoint.safetensors")
    assert expected.keys() == again.keys()
    assert changed(expected, again, "") == set()


def test_the_network_learns_from_the_critic(
    whole: Path, phases: list[Tensors], pictures: Path, tmp_path: Path
) -> None:
    expected = load_file(whole / "checkpoint.safetensors")
    assert changed(expected, phases[2], "") == set()
    other = go(recipe("adversarial.weight=0.1"), pictures, tmp_path)
    assert changed(expected, other, "task.network.head")


@pytest.mark.parametrize(("threshold", "learns"), [(0.0, True), (10.0, False)])
def test_beside_the_network_the_critic_learns_above_the_threshold(
    threshold: float, learns: bool, pictures: Path, tmp_path: Path
) -> None:
    chosen = recipe(f"adversarial.threshold={threshold}", "training.images=16")
    before = go(chosen, pictures, tmp_path, StopAt(12))
    after = go(chosen, pictures, tmp_path)
    learned = {k for k in changed(before, after, *CRITIC) if k.endswith("original")}
    assert bool(learned) is learns


def test_half_precision_stays_finite(pictures: Path, tmp_path: Path) -> None:
    tensors = go(recipe("training.precision=bf16"), pictures, tmp_path)
    assert all(torch.isfinite(v).all() for v in tensors.values())
    assert tensors["adversary.critic.layers.0.bias"].dtype == torch.float32
    assert float(rows_of(tmp_path)[-1]["train/critic_loss"]) > 0


def test_each_phase_logs_its_own_parts(whole: Path) -> None:
    rows = rows_of(whole)
    parts = [
        {k.removeprefix("train/") for k, v in row.items() if k.startswith("train/") and v}
        for row in rows
    ]
    network, critic = {"loss", "cross_entropy"}, {"critic_loss", "critic_accuracy"}
    assert [r["images"] for r in rows] == ["8", "16", "24", "32"]
    assert parts == [network, critic, *2 * [network | critic | {"adversarial"}]]
    assert all(0 <= float(row["train/critic_accuracy"]) <= 1 for row in rows[1:])
    assert all(float(row["validation/loss"]) > 0 for row in rows)


def test_inference_and_export_do_not_see_the_critic(whole: Path) -> None:
    graph, facts = load_graph(whole / "checkpoint.safetensors")
    assert facts["recipe"]["adversarial"]["weight"] == 0.5
    assert not [k for k in graph.state_dict() if "critic" in k]


def fabric(world_size: int = 1) -> SimpleNamespace:
    """What of Fabric the adversary uses; other processes see the same as this one."""
    return SimpleNamespace(
        device=torch.device("cpu"),
        world_size=world_size,
        autocast=nullcontext,
        backward=lambda loss: loss.backward(),
        all_reduce=lambda values, reduce_op: values * world_size,
    )


def adversary(world_size: int = 1, **settings: float) -> Adversary:
    config = AdversarialConfig(weight=1.0, **settings)
    return Adversary(fabric(world_size), config, seed=0)


@pytest.mark.parametrize("head", HEADS)
def test_any_head_learns_to_deceive(head: str, crops: torch.Tensor) -> None:
    task = make(head, {"huber": {"weight": 0.0}} if "bins" not in head else _bins_loss(head))
    critic = adversary(critic_rate=1e-3)
    for _ in range(15):
        critic.look(task, crops, None)
        critic.learn()
        found = critic.step(Phase.CRITIC)
    assert found["critic_loss"] < 0.9
    assert critic.enter(0.99, task) is Phase.GAN
    task.judge_weight = 1.0
    optimizer = torch.optim.Adam(task.parameters(), lr=3e-3)
    deceptions = []
    for _ in range(10):
        optimizer.zero_grad()
        parts = task(crops)
        assert parts["loss"].item() == pytest.approx(parts["adversarial"].item())
        parts["loss"].backward()
        optimizer.step()
        deceptions.append(parts["adversarial"].item())
        assert all(p.grad is None for p in critic.critic.parameters())
    assert deceptions[-1] < deceptions[0]
    assert "adversarial" not in task.eval()(crops), "validation judges without the critic"


def _bins_loss(head: str) -> dict[str, dict]:
    return {("uv-" if head == "uv-bins" else "") + "cross-entropy": {"weight": 0.0}}


def test_a_look_changes_nothing_and_gives_no_gradient(
    crops: torch.Tensor,
) -> None:
    task = make("ab", {"huber": {}}).train()
    task.network.layer.eval()  # as the statistics of a frozen encoder
    before = [module.training for module in task.modules()]
    adversary().look(task, crops, None)
    assert [module.training for module in task.modules()] == before
    assert all(p.grad is None for p in task.parameters())


def test_parts_of_a_batch_and_other_processes_add_up(
    crops: torch.Tensor,
) -> None:
    """Two halves, here or in another process, weigh as the whole does."""
    task = make("ab", {"huber": {}})
    one, two, shared = adversary(), adversary(), adversary(world_size=2)
    for critic in (one, two, shared):
        critic.optimizer = torch.optim.SGD(critic.critic.parameters(), lr=1.0)
        for _ in range(60):
            critic.critic(torch.zeros(1, 3, 8, 8))  # until its norms have settled
    one.look(task, crops[[0, 0]], None)
    one.learn()
    for _ in range(2):
        two.look(task, crops[:1], None)
        two.learn(share=0.5)
    shared.look(task, crops[:1], None)
    shared.learn(share=0.5)
    results = [critic.step(Phase.CRITIC) for critic in (one, two, shared)]
    assert results[1] == pytest.approx(results[0], rel=1e-3)
    assert results[2] == pytest.approx(results[0], rel=1e-3)
    for name, weight in one.critic.named_parameters():
        for other in (two, shared):
            assert torch.allclose(weight, other.critic.get_parameter(name), atol=1e-4)


def test_phases_follow_the_progress() -> None:
    chosen = adversary(pretrain=0.5, critic=0.25)
    found = [chosen.phase(progress) for progress in (0, 0.499, 0.5, 0.749, 0.75, 0.999)]
    assert found == [p for p in Phase for _ in range(2)]
    assert adversary(pretrain=0.0, critic=0.0).phase(0.0) is Phase.GAN
    assert build_adversary(fabric(), recipe("adversarial.weight=0")) is None


def test_true_color_comes_through_the_same_size_and_may_be_stronger(
    crops: torch.Tensor,
) -> None:
    lab = rgb_to_lab(crops / 255)
    small = torch.nn.functional.avg_pool2d(lab[:, 1:], 4)
    pairs = Pairs(Prediction(ab=small), lab[:, :1], lab, torch.zeros(0), torch.zeros(0))
    predicted, true = pairs.beside_lightness()
    assert torch.equal(predicted, true), "the truth itself cannot be told from the truth"
    _, stronger = pairs.beside_lightness(chroma=1.2)
    assert torch.equal(stronger[:, :1], true[:, :1])
    assert torch.allclose(stronger[:, 1:], 1.2 * true[:, 1:])


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("adversarial.pretrain=0.9", r"pretrain \+ adversarial.critic must be below 1"),
        ("adversarial.weight=-1", r"adversarial\.weight"),
        ("adversarial.critic=2", r"adversarial\.critic"),
        ("adversarial.critic_rate=0", r"adversarial\.critic_rate"),
        ("adversarial.chroma=0", r"adversarial\.chroma"),
        ("adversarial.limit=1", r"adversarial\.limit"),
    ],
)
def test_impossible_sections_name_the_key(override: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        recipe("adversarial.critic=0.2", override)
