"""One collection parted among machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from photochrom.errors import WrongInput
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.shard import Shard
from tests.inference.folder.conftest import touch


@pytest.mark.parametrize("count", [1, 3, 8])
def test_shards_part_the_work(tmp_path: Path, count: int) -> None:
    touch(tmp_path, *(f"{n % 7}/{n}.jpg" for n in range(200)))
    parts = [
        [j.source for j in Plan([str(tmp_path)], shard=Shard(i, count))]
        for i in range(1, count + 1)
    ]
    assert sorted(path for part in parts for path in part) == sorted(
        j.source for j in Plan([str(tmp_path)])
    )
    assert min(map(len, parts)) > 200 / count / 3
    before = [set(part) for part in parts]
    # What is added or removed moves no other picture to another shard.
    touch(tmp_path, *(f"3/new{n}.jpg" for n in range(50)))
    for index, part in enumerate(before, start=1):
        now = {j.source for j in Plan([str(tmp_path)], shard=Shard(index, count))}
        assert part <= now


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/4", "1/4/2", ""])
def test_shards_that_there_are_not(text: str) -> None:
    with pytest.raises(WrongInput, match="i/n"):
        Shard.parse(text)
