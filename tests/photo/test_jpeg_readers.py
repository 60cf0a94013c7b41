"""Our JPEG files look alike in programs that share no code: libraries of C and Rust, a browser."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import imagecodecs
import numpy as np
import pytest
import resvg_py
import typst
from PIL import Image

from photochrom.photo.decode import read
from photochrom.photo.encode import write
from tests.photo.conftest import EvenTint

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDTH, HEIGHT = 83, 61
MOST = 8
"""Levels that decoders may differ by: each enlarges chroma in its own way."""

SOURCES: dict[str, tuple[str, dict[str, Any]]] = {
    "gray": ("L", {}),
    "gray, best": ("L", {"quality": 100}),
    "gray, optimized": ("L", {"optimize": True}),
    "gray, restarts": ("L", {"restart_marker_blocks": 3}),
    "gray, progressive": ("L", {"progressive": True}),
    "4:4:4": ("RGB", {"subsampling": "4:4:4"}),
    "4:2:2": ("RGB", {"subsampling": "4:2:2"}),
    "4:2:0": ("RGB", {"subsampling": "4:2:0", "restart_marker_rows": 1}),
    "4:2:0, progressive": ("RGB", {"subsampling": "4:2:0", "progressive": True}),
    "inks": ("CMYK", {}),
}
RARE = {"4:4:0": 0x12, "4:1:1": 0x41}


class Slanting(EvenTint):
    """Luma with chroma that rises and falls across the picture."""

    def planes(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        y, x = np.mgrid[start // 2 : (stop + 1) // 2, : (self.width + 1) // 2]
        return self.luma[start:stop], (108 + x).astype(np.uint8), (150 - y).astype(np.uint8)


def source(name: str) -> bytes:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    gray = 120 + 40 * np.sin((x * 0.7 + y) / 9)
    gray += np.random.default_rng(6).normal(0, 6, gray.shape)
    picture = Image.fromarray(gray.astype(np.uint8))
    buffer = io.BytesIO()
    if name in RARE:  # Pillow writes none; of even color, chroma's blocks are but their DC
        return cv2.imencode(
            ".jpg",
            np.asarray(picture.convert("RGB")),
            [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, RARE[name] << 16 | 0x1111],
        )[1].tobytes()
    mode, options = SOURCES[name]
    picture.convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def result(name: str) -> bytes:
    photo = read(source(name))
    buffer = io.BytesIO()
    write(Slanting(photo.luma), buffer, format="JPEG", jpeg=photo.jpeg)
    return buffer.getvalue()


def of_file(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def by_opencv(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(int)


def by_ffmpeg(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data), format="mjpeg") as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def by_imagecodecs(data: bytes) -> np.ndarray:
    return imagecodecs.jpeg8_decode(data).astype(int)


def by_typst(data: bytes) -> np.ndarray:
    size = f"width: {WIDTH}pt, height: {HEIGHT}pt"
    page = f'#set page({size}, margin: 0pt)\n#image("photo.jpg", {size}, scaling: "pixelated")'
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "photo.jpg").write_bytes(data)
        Path(folder, "main.typ").write_text(page)
        return of_file(typst.compile(f"{folder}/main.typ", format="png", ppi=72))


def by_resvg(data: bytes) -> np.ndarray:
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    link = f'xlink:href="data:image/jpeg;base64,{base64.b64encode(data).decode()}"'
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    drawn = f'<svg {names} {size}><image image-rendering="optimizeSpeed" {size} {link}/></svg>'
    return of_file(bytes(resvg_py.svg_to_bytes(svg_string=drawn)))


@pytest.mark.parametrize("reader", [by_opencv, by_ffmpeg, by_imagecodecs, by_typst, by_resvg])
@pytest.mark.parametrize("name", [*SOURCES, *RARE])
def test_read_alike(reader: Callable[[bytes], np.ndarray], name: str) -> None:
    data = result(name)
    difference = np.abs(reader(data) - of_file(data))
    assert difference.max() <= MOST
    assert difference.mean() < 1.5


PAGE = """<body><script>
const files = [FILES];
const read = async (file) => {
  const image = new Image();
  image.src = "data:image/jpeg;base64," + file;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const found = context.getImageData(0, 0, image.width, image.height).data;
  return Array.from(found, (level) => level.toString(16).padStart(2, "0")).join("");
};
Promise.all(files.map(read)).then((found) => { document.body.textContent = found.join(" "); });
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs the browser Chromium")
def test_read_alike_in_a_browser(tmp_path: Path) -> None:
    results = [result(name) for name in SOURCES]
    page = tmp_path / "page.html"
    listed = ",".join(f'"{base64.b64encode(data).decode()}"' for data in results)
    page.write_text(PAGE.replace("FILES", listed))
    assert CHROMIUM
    found = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000",
            f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    pictures = found.partition("<body>")[2].partition("</body>")[0].split()
    assert len(pictures) == len(results)
    for data, levels in zip(results, pictures, strict=True):
        shown = np.frombuffer(bytes.fromhex(levels), np.uint8).reshape(HEIGHT, WIDTH, 4)
        assert np.abs(shown[..., :3] - of_file(data)).max() <= MOST
