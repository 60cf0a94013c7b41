import io

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import UnwritablePhoto, WrongInput
from photochrom.photo.decode import read
from photochrom.photo.encode import FORMATS, write
from photochrom.photo.photo import Metadata, strips, to_depth
from photochrom.photo.webp import is_lossless


def written(coloring, format, **options) -> bytes:
    buffer = io.BytesIO()
    write(coloring, buffer, format=format, metadata=Metadata(), **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("with_alpha", [False, True])
def test_gray_again(tint, luma8, format, with_alpha):
    alpha = luma8[::-1].copy() if with_alpha else None
    data = written(tint(luma8), format, alpha=alpha, quality=100)
    image = Image.open(io.BytesIO(data))
    assert (image.width, image.height) == (45, 31)
    gray = np.asarray(image.convert("RGB").convert("L")).astype(int)
    assert np.abs(gray - luma8).max() <= {"JPEG": 3, "AVIF": 3}.get(format, 1)
    photo = read(data)
    assert photo.tone is not None  # one chroma everywhere: a toned picture
    if alpha is None or format == "JPEG":
        assert photo.alpha is None
    else:
        assert np.array_equal(photo.alpha, alpha)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (3, 5), (8, 7), (17, 16), (1, 5000)])
def test_odd_sizes(tint, shape):
    luma = np.random.default_rng(3).integers(60, 200, shape, dtype=np.uint8)
    for format in FORMATS:
        photo = read(written(tint(luma), format, quality=100))
        assert photo.luma.shape == shape
        assert np.abs(photo.luma.astype(int) - luma).max() <= 2, format


def test_jpeg_keeps_the_luma_plane_within_its_coding_loss(tint, luma8, saved):
    for height, width in ((31, 45), (30, 44), (16, 32)):
        luma = np.ascontiguousarray(luma8[:height, :width])
        ours = read(written(tint(luma), "JPEG")).luma.astype(int)
        gray = Image.open(io.BytesIO(saved(Image.fromarray(luma), "JPEG", quality=92)))
        # Color costs the luma nothing: the loss is that of a gray JPEG of the same quality.
        loss = np.abs(ours - luma).mean()
        assert loss <= 1.1 * np.abs(np.asarray(gray).astype(int) - luma).mean()


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (1, 2), (31, 45), (32, 45), (33, 48), (31, 48)])
def test_jpeg_is_made_of_the_picture_alone(tint, shape):
    """Odd sides once made the encoder read whatever memory lay behind the planes."""
    luma = np.random.default_rng(5).integers(60, 200, shape, dtype=np.uint8)
    files = set()
    for filler in range(12):
        clutter = [np.full(luma.size + 64, filler * 20 + size, np.uint8) for size in range(9)]
        files.add(written(tint(luma.copy()), "JPEG"))
        del clutter
    assert len(files) == 1
    image = Image.open(io.BytesIO(files.pop()))
    assert image.size == shape[::-1]
    assert [layer[1:3] for layer in image.layer] == [(2, 2), (1, 1), (1, 1)]


def test_jpeg_chroma_is_the_colorings(tint, luma8):
    image = Image.open(io.BytesIO(written(tint(luma8, cb=20, cr=-15), "JPEG")))
    image.draft("YCbCr", image.size)
    _, cb, cr = image.split()
    assert np.abs(np.asarray(cb).astype(int) - 148).max() <= 2
    assert np.abs(np.asarray(cr).astype(int) - 113).max() <= 2


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF"])
def test_16_bits_are_rounded_for_8_bit_formats(tint, luma16, format):
    photo = read(written(tint(luma16), format, quality=100))
    assert photo.depth == 8
    assert np.abs(photo.luma - luma16 / 257).max() <= 3


def test_depths_round():
    levels = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(to_depth(levels, 8), np.rint(levels / 257).astype(np.uint8))
    small = np.arange(256, dtype=np.uint8)
    assert np.array_equal(to_depth(to_depth(small, 16), 8), small)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 3_000_000), (4001, 3000), (7, 2)])
def test_strips_cover_a_picture_once(height, width):
    ranges = list(strips(height, width))
    assert [row for start, stop in ranges for row in (start, stop)][1:-1:2] == [
        start for start, _ in ranges[1:]
    ]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == height
    assert all(start % 2 == 0 for start, _ in ranges)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_picture_in_many_strips(monkeypatch, tint, luma8, format):
    whole = read(written(tint(luma8), format)).luma
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 300)
    assert np.array_equal(read(written(tint(luma8), format)).luma, whole)


def test_quality_matters(tint, luma8):
    for format in ("JPEG", "WEBP", "AVIF"):
        assert len(written(tint(luma8), format, quality=20)) < len(
            written(tint(luma8), format, quality=95)
        )


def webp(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", **options)
    return buffer.getvalue()


def grain(seed: int = 0, mode: str = "RGB") -> Image.Image:
    levels = np.random.default_rng(seed).integers(60, 200, (31, 45), dtype=np.uint8)
    return Image.fromarray(levels).convert(mode)


def colored_webp(tint, source: bytes, **options: object) -> bytes:
    photo = read(source)
    return written(tint(photo.luma), "WEBP", compression=photo.compression, **options)


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"exif": Image.Exif()},
        {"xmp": b"<x:xmpmeta/>", "icc_profile": b"odd"},  # of odd length: a byte of padding
        {"save_all": True, "append_images": [grain(1)]},
    ],
)
def test_a_lossless_webp_stays_lossless(tint, layout):
    source = webp(grain(), lossless=True, **layout)
    assert read(source).compression == "lossless"
    luma = read(source).luma
    result = colored_webp(tint, source)
    assert np.abs(read(result).luma.astype(int) - luma).max() <= 1
    assert read(result).compression == "lossless"
    assert colored_webp(tint, source, quality=90) == written(tint(luma), "WEBP")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("layout", [{}, {"save_all": True, "append_images": [grain(1)]}])
def test_a_lossy_webp_stays_lossy(tint, mode, layout):
    picture = grain(mode=mode)
    if mode == "RGBA":
        picture.putalpha(grain(2, "L"))  # which is packed without loss all the same
    source = webp(picture, quality=80, **layout)
    assert read(source).compression == "deflate"
    assert colored_webp(tint, source) == written(tint(read(source).luma), "WEBP")


def test_a_lossless_webp_into_other_formats(tint):
    photo = read(webp(grain(), lossless=True))
    for format in FORMATS:
        if format != "WEBP":
            result = written(tint(photo.luma), format, compression=photo.compression)
            assert result == written(tint(photo.luma), format)


@pytest.mark.parametrize(
    "rest", [b"", b"VP8X", b"VP8X\xff\xff\xff\xff", b"ANMF\0\0\0\0", b"ALPH\0"]
)
def test_a_webp_without_a_picture_is_not_lossless(rest):
    assert not is_lossless(io.BytesIO(b"RIFF\0\0\0\0WEBP" + rest))


def test_names_of_formats(tint, luma8, tmp_path):
    for name, kind in (("jpg", "JPEG"), ("tif", "TIFF"), ("Webp", "WEBP")):
        write(tint(luma8), tmp_path / "x", format=name)
        assert read(tmp_path / "x").format == kind


def test_wrong_arguments(tint, luma8, tmp_path):
    path = tmp_path / "x"
    with pytest.raises(WrongInput, match="no format named 'GIF'; there are JPEG"):
        write(tint(luma8), path, format="gif")
    for quality in (0, 101):
        with pytest.raises(WrongInput, match="quality"):
            write(tint(luma8), path, format="JPEG", quality=quality)
    with pytest.raises(WrongInput, match="alpha"):
        write(tint(luma8), path, format="PNG", alpha=np.zeros((2, 2), np.uint8))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("format", "width"), [("JPEG", 65501), ("WEBP", 16384), ("AVIF", 32769)])
def test_too_large_for_the_format(tint, tmp_path, format, width):
    path = tmp_path / "wide"
    with pytest.raises(UnwritablePhoto, match=rf"wide cannot be written: .*{format}.* at most"):
        write(tint(np.zeros((2, width), np.uint8)), path, format=format)
    assert list(tmp_path.iterdir()) == []


def test_the_widest_avif_can_be_read(tint):
    wide = np.full((1, 32768), 100, np.uint8)
    assert read(written(tint(wide), "AVIF", quality=50)).luma.shape == (1, 32768)


def test_streams_get_nothing_when_the_coloring_fails(tint, luma8):
    class Failing(type(tint(luma8))):
        def rgb(self, start, stop):
            raise RuntimeError

        planes = rgb

    for format in FORMATS:
        buffer = io.BytesIO()
        with pytest.raises(RuntimeError):
            write(Failing(luma8), buffer, format=format)
        assert buffer.getvalue() == b""


def test_streams_that_refuse(tint, luma8):
    class Full(io.RawIOBase):
        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(
        UnwritablePhoto, match=r"^the given stream cannot be written: no space left"
    ):
        write(tint(luma8), Full(), format="PNG")
