"""How many cores are used: no more than a container's share of their time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photochrom import cores


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of a cgroup yet to be written, on a machine of 64 cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(cores, "_CGROUP", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("200000 100000\n", 2),
        ("250000 100000\n", 3),
        ("5000 100000\n", 1),
        ("9900000 100000\n", 64),
        ("max 100000\n", 64),
        ("", 64),
        ("200000 0\n", 64),
    ],
)
def test_the_quota_of_a_container(container: Path, said: str, expected: int) -> None:
    (container / "cpu.max").write_text(said)
    assert cores.cores_here() == expected


@pytest.mark.parametrize("folder", ["cpu", "cpu,cpuacct"])
@pytest.mark.parametrize(("quota", "expected"), [("400000", 4), ("-1", 64), ("none", 64)])
def test_the_quota_of_an_older_container(
    container: Path, folder: str, quota: str, expected: int
) -> None:
    (container / folder).mkdir()
    (container / folder / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (container / folder / "cpu.cfs_period_us").write_text("100000\n")
    assert cores.cores_here() == expected


def test_outside_of_a_container(container: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cores.cores_here() == 64
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores.cores_here() == 1
