"""The arithmetic of positions: nothing is lost or seen twice, wherever a run stops or is shared."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.training.config import ResizingConfig
from photochrom.training.schedule import crop_size
from photochrom.training.timeline import Step, Timeline
from tests.training.conftest import tiny_recipe


def timeline_of(batches: list[int], images: list[int], accumulate: int = 1) -> Timeline:
    stages = [
        {"images": n, "training": {"batch_size": b, "accumulate": accumulate}}
        for n, b in zip(images, batches, strict=True)
    ]
    recipe = tiny_recipe(stages=stages, training={"images": sum(images)}, resizing={})
    return Timeline(recipe, multiple_of=4)


LENGTHS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 60)), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(LENGTHS, st.integers(1, 4), st.integers(1, 5))
def test_every_image_is_seen_once(
    lengths: list[tuple[int, int]], accumulate: int, world: int
) -> None:
    batches, images = [b for b, _ in lengths], [n for _, n in lengths]
    timeline = timeline_of(batches, images, accumulate)
    seen: list[int] = []
    for step in timeline.steps(0):
        assert step.start == len(seen)
        ranks = [timeline.parts(step, rank=r, world=world) for r in range(world)]
        assert sum(part.weight for parts in ranks for part in parts) == pytest.approx(1)
        assert all(parts for parts in ranks)
        weighted = [p.places for parts in ranks for p in parts if p.weight]
        positions = sorted(place.position for places in weighted for place in places)
        assert positions == list(range(step.start, step.end))
        at_once = -(-batches[step.stage] // (accumulate * world))
        assert max(len(places) for places in weighted) <= at_once
        seen += positions
    assert seen == list(range(sum(images)))


@settings(deadline=None, max_examples=60)
@given(LENGTHS, st.data())
def test_steps_from_anywhere_are_those_of_the_whole(
    lengths: list[tuple[int, int]], data: st.DataObject
) -> None:
    timeline = timeline_of([b for b, _ in lengths], [n for _, n in lengths])
    steps = list(timeline.steps(0))
    index = data.draw(st.integers(0, len(steps)))
    position = steps[index].start if index < len(steps) else timeline.images
    assert list(timeline.steps(position)) == steps[index:]


def test_reports_after_epochs_and_stages() -> None:
    timeline = timeline_of([4, 3], [20, 9])
    ends = [s.end for s in timeline.steps(0) if timeline.reports_after(s, 8)]
    assert ends == [8, 16, 20, 26, 29]


def test_epochs_that_are_no_whole_batches_end_with_the_run() -> None:
    """Ten epochs of a set that batches do not divide are ten reports, not eleven."""
    training = {"images": 410, "batch_size": 64}
    timeline = Timeline(tiny_recipe(training=training), multiple_of=4)
    ends = [s.end for s in timeline.steps(0) if timeline.reports_after(s, 82)]
    assert ends == [128, 192, 256, 384, 410]


class TestSizes:
    def test_off_by_default(self) -> None:
        assert tiny_recipe().resizing is None
        assert {s.size for s in Timeline(tiny_recipe(), multiple_of=4).steps(0)} == {16}

    def test_published_defaults(self) -> None:
        resizing = ResizingConfig()
        sizes = [crop_size(p / 100, 224, resizing, multiple_of=1) for p in range(101)]
        assert set(sizes[:51]) == {112}
        assert set(sizes[80:]) == {224}
        assert sizes[50:80] == sorted(sizes[50:80])
        assert len(set(sizes)) > 20
        assert sizes[65] == 168

    @given(
        st.floats(0, 1), st.integers(16, 2048), st.floats(0.01, 1), st.floats(0, 1),
        st.floats(0, 1), st.integers(1, 64), st.sampled_from([1, 2, 4, 8, 32]),
    )  # fmt: skip
    def test_fit_the_network(
        self, progress: float, size: int, scale: float, delay: float, finetune: float,
        increment: int, multiple_of: int,
    ) -> None:  # fmt: skip
        resizing = ResizingConfig(scale, delay, finetune, increment)
        found = crop_size(progress, size, resizing, multiple_of=multiple_of)
        assert 1 <= found <= size
        assert found == size or (found % multiple_of == 0 and found % increment == 0)
        full = crop_size(1.0, size, resizing, multiple_of=multiple_of)
        assert full == size

    def test_one_size_for_each_step(self) -> None:
        recipe = tiny_recipe(data={"size": 32}, resizing={"size_increment": 4})
        steps = list(Timeline(recipe, multiple_of=4).steps(0))
        sizes = [step.size for step in steps]
        assert sizes == sorted(sizes)
        assert (sizes[0], sizes[-1]) == (16, 32)
        assert 16 < sizes[5] < 32

    def test_resizing_grows_over_the_whole_run(self) -> None:
        stages = [{"share": 0.5, "data": {"size": 16}}, {"data": {"size": 64}}]
        recipe = tiny_recipe(stages=stages, resizing={"delay_fraction": 0.0})
        sizes = [step.size for step in Timeline(recipe, multiple_of=4).steps(0)]
        assert max(sizes[:4]) <= 16
        assert sizes[-1] == 64
        assert sizes[4] > 32


def rates(**training: object) -> list[float]:
    recipe = tiny_recipe(training={"images": 100, "batch_size": 1, "warmup": 0.1} | training)
    return [step.rate for step in Timeline(recipe, multiple_of=4).steps(0)]


def test_each_stage_has_its_own_schedule() -> None:
    whole = rates()
    recipe = tiny_recipe(
        training={"images": 200, "batch_size": 1, "warmup": 0.1},
        stages=[{"share": 0.5}, {"share": 0.5, "training": {"schedule": "constant"}}],
    )
    steps: list[Step] = list(Timeline(recipe, multiple_of=4).steps(0))
    assert [s.rate for s in steps[:100]] == whole
    assert [s.rate for s in steps[100:]] == rates(schedule="constant")


def test_steps_halve_the_rate() -> None:
    found = rates(schedule="step", step_every=0.1, warmup=0.0)
    assert found[:10] == [1.0] * 10
    assert found[30:40] == [0.125] * 10
    assert len(set(found)) == 10
