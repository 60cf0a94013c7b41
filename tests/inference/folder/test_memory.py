from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.inference.folder import run as run_module
from photochrom.inference.folder.memory import BYTES_PER_PIXEL, Memory, bytes_per_pixel, room_here
from photochrom.inference.folder.plan import Plan
from tests.inference.folder.conftest import Color


def test_no_more_is_held_than_there_is() -> None:
    memory, lock, held, most = Memory(100), threading.Lock(), [0], [0]
    sizes = np.random.default_rng(0).integers(0, 70, 60).tolist()

    def work(size: int) -> None:
        with memory.taken(size):
            with lock:
                held[0] += size
                most[0] = max(most[0], held[0])
            time.sleep(0.001)
            with lock:
                held[0] -= size

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, sizes))
    assert 0 < most[0] <= 100


def test_a_huge_one_is_alone_and_is_not_put_off() -> None:
    memory, order = Memory(10), list[str]()
    first, waiting = threading.Event(), threading.Event()

    def small() -> None:
        with memory.taken(5):
            first.set()
            waiting.wait(10)
            order.append("small")

    def later(name: str, size: int) -> None:
        with memory.taken(size):
            order.append(name)

    threads = [threading.Thread(target=small)]
    threads[0].start()
    assert first.wait(10)
    for name, size in (("huge", 1000), ("last", 1)):
        threads.append(threading.Thread(target=later, args=(name, size)))
        threads[-1].start()
        while memory._next < len(threads):
            time.sleep(0.001)
    assert not order
    waiting.set()
    for thread in threads:
        thread.join(10)
    assert order == ["small", "huge", "last"]


def test_what_fails_gives_back_what_it_held() -> None:
    memory = Memory(10)
    for _ in range(3):
        with pytest.raises(ValueError, match="no"), memory.taken(8):
            raise ValueError("no")


def test_the_machine_has_room_for_a_picture() -> None:
    assert room_here() > 12_000_000 * BYTES_PER_PIXEL


def test_a_run_takes_fewer_large_pictures_at_a_time(
    colorizer: Colorizer, color: Color, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(6):
        side = 40 if index % 2 else 8
        Image.new("L", (side, side), 90).save(tmp_path / f"{index}.png")
    (tmp_path / "bad.png").write_text("no picture")
    monkeypatch.setattr(run_module, "room_here", lambda: 2000 * BYTES_PER_PIXEL)
    lock, large, most = threading.Lock(), [0], [0]
    really = Colorizer.save

    def save(self: Colorizer, source: Path, *args: object, **options: object) -> object:
        is_large = source.stem in "135"
        with lock:
            large[0] += is_large
            most[0] = max(most[0], large[0])
        time.sleep(0.02)
        try:
            return really(self, source, *args, **options)  # type: ignore[arg-type]
        finally:
            with lock:
                large[0] -= is_large

    monkeypatch.setattr(Colorizer, "save", save)
    plan = Plan([str(tmp_path)], output=tmp_path / "out")
    states = sorted(outcome.state for outcome in color(plan, workers=4))
    assert states == ["done"] * 6 + ["failed"]
    assert most[0] == 1


def test_formats_that_take_more_are_given_more() -> None:
    usual = bytes_per_pixel(Path("a.jpg"), Path("a.color.PNG"))
    assert usual == bytes_per_pixel(Path("a.gif"), Path("b")) == BYTES_PER_PIXEL
    for name in ("a.TIF", "a.webp", "a.avif"):
        more = bytes_per_pixel(Path(name), Path("a.png"))
        assert more == bytes_per_pixel(Path("a.png"), Path(name)) > 2 * BYTES_PER_PIXEL


def test_the_largest_page_of_a_file_counts(tmp_path: Path) -> None:
    path, pages = tmp_path / "a.tif", [Image.new("L", size) for size in ((4, 5), (70, 80), (9, 9))]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert run_module._pixels_of(path) == 70 * 80
    # What lies behind a page that is damaged is told by who reads it.
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert run_module._pixels_of(path) >= 4 * 5
