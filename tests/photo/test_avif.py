"""AVIF takes one core for a picture, and leaves Pillow's own settings alone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import AvifImagePlugin, Image

from photochrom.photo.avif import open_avif
from photochrom.photo.decode import read
from photochrom.photo.encode import write


class Spy:
    """The extension module, noting what its coders are made with."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self.decoders: list[tuple[Any, ...]] = []
        self.encoders: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def AvifDecoder(self, *args: Any) -> Any:
        self.decoders.append(args)
        return self._module.AvifDecoder(*args)

    def AvifEncoder(self, *args: Any) -> Any:
        self.encoders.append(args)
        return self._module.AvifEncoder(*args)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    """On a machine that seems to have 48 cores."""
    spy = Spy(AvifImagePlugin._avif)
    monkeypatch.setattr(AvifImagePlugin, "_avif", spy)
    monkeypatch.setattr(AvifImagePlugin, "_get_default_max_threads", lambda: threads_by_default())
    return spy


def threads_by_default() -> int:
    return AvifImagePlugin.DEFAULT_MAX_THREADS or 48


def test_a_picture_takes_one_core(tint, luma8, spy: Spy) -> None:
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format="AVIF")
    assert len(spy.encoders) == 1
    assert 48 not in spy.encoders[0]
    assert read(buffer.getvalue()).luma.shape == luma8.shape
    assert [args[2] for args in spy.decoders] == [1]


def test_pillows_own_setting_stays(spy: Spy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AvifImagePlugin, "DEFAULT_MAX_THREADS", 7)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "AVIF")
    buffer.seek(0)
    assert open_avif(buffer).size == (8, 8)
    with pytest.raises(Exception, match=r"."):
        open_avif(io.BytesIO(b"none"))
    assert AvifImagePlugin.DEFAULT_MAX_THREADS == 7
    assert 7 in spy.encoders[0]
