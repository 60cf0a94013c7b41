"""Where there is no network weights are refused at once, and what is kept from before is found."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import timm
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from photochrom.backbones import downloads
from photochrom.backbones.alexnet import alexnet_url
from photochrom.backbones.creation import create_backbone
from photochrom.backbones.downloads import PATIENCE, answers, downloading
from photochrom.errors import NotDownloaded
from photochrom.evaluation.cards import build_metric

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing kept from before, no proxy of this machine."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "torch"))


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "answers", lambda _url: False)


class Answering(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(int(self.path.strip("/") or 200))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the terminal."""


@pytest.fixture
def host() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def closed() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("status", [200, 401, 404, 500])
def test_whatever_a_host_says_it_answers(host: str, status: int) -> None:
    assert answers(f"{host}/{status}")


def test_nobody_answers(closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not answers(closed)
    assert not answers("no address")
    monkeypatch.setenv("http_proxy", closed)
    assert not answers("http://127.0.0.2/")


def test_through_a_proxy(host: str, closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "do_HEAD", lambda self: self.send_error(403))
    monkeypatch.setenv("http_proxy", host)
    assert answers(closed)


def test_silence_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        began = time.monotonic()
        assert not answers(f"http://127.0.0.1:{listening.getsockname()[1]}")

    def searching(*_: object, **__: object) -> None:
        time.sleep(PATIENCE + 1)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", searching)
    assert not answers("http://example.org")
    assert time.monotonic() - began < 2 * (PATIENCE + 1)


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("mobilenetv2_050", "huggingface.co"),
        ("efficientnet_lite0", "huggingface.co"),
        ("alexnet", "download.pytorch.org"),
    ],
)
def test_a_silent_host_is_named(name: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "https://huggingface.co")
    said = f"{name} cannot be downloaded: {host} does not answer"
    with pytest.raises(NotDownloaded, match=said):
        create_backbone(name, "timm")
    assert not constants.HF_HUB_OFFLINE


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("metric", ["lpips", "recognition", "fid"])
def test_a_metric_names_its_own_option(metric: str) -> None:
    said = rf"^weights not available: .* does not answer; .* --set {metric}\.path=FILE$"
    with pytest.raises(Exception, match=said):
        build_metric(metric)


@pytest.mark.usefixtures("silent")
def test_what_is_kept_needs_no_network(tmp_path: Path) -> None:
    torch.manual_seed(0)
    known = timm.get_pretrained_cfg("test_resnet")
    kept = tmp_path / "hub" / f"models--{known.hf_hub_id.replace('/', '--')}"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("0" * 40)
    (kept / "snapshots" / ("0" * 40)).mkdir(parents=True)
    weights = timm.create_model("test_resnet", pretrained=False).state_dict()
    save_file(weights, kept / "snapshots" / ("0" * 40) / "model.safetensors")
    found = create_backbone("test_resnet", "timm", channels=3).state_dict()
    assert found
    assert all(torch.equal(found[key], weights[key]) for key in found)


@pytest.mark.usefixtures("silent")
def test_what_torch_has_kept_needs_no_network(tmp_path: Path) -> None:
    file = tmp_path / "torch" / "checkpoints" / alexnet_url().rpartition("/")[2]
    file.parent.mkdir(parents=True)
    file.touch()
    with downloading("alexnet", alexnet_url()):
        pass


def test_a_failure_of_the_library_is_a_line_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "answers", lambda _url: True)
    said = "the pretrained weights of x cannot be downloaded: the download from y.org failed"
    with pytest.raises(NotDownloaded, match=said), downloading("x", "https://y.org/w.pth"):
        raise RuntimeError("IncompleteRead(0 bytes read)")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(NotDownloaded, match="HF_HUB_OFFLINE is set"), downloading("x"):
        raise RuntimeError
    assert constants.HF_HUB_OFFLINE


def test_networks_of_which_there_are_no_weights_say_so() -> None:
    without = next(
        name
        for name in timm.list_models("resnet*")
        if not timm.get_pretrained_cfg(name).has_weights
    )
    with pytest.raises(NotDownloaded, match="timm has none"):
        create_backbone(without, "timm")
