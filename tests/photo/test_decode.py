import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto, WrongInput
from photochrom.photo.decode import read
from photochrom.photo.pixels import pixels_of_image
from photochrom.photo.png import SIGNATURE, chunk

LOSSLESS = [
    *((mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA")),
    *((mode, "TIFF") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr")),
    *((mode, "BMP") for mode in ("1", "L", "P", "RGB")),
    *((mode, "GIF") for mode in ("1", "L", "P")),
    *((mode, "PPM") for mode in ("1", "L", "RGB")),
    *((mode, "WEBP") for mode in ("RGB", "RGBA")),
]


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    image = picture.convert(mode)
    if mode in ("LA", "RGBA"):
        ramp = np.linspace(0, 255, image.width * image.height).astype(np.uint8)
        image.putalpha(Image.fromarray(ramp.reshape(image.height, image.width)))
    return image


@pytest.mark.parametrize(("mode", "format"), LOSSLESS)
def test_luma_and_alpha_are_pillows(color_picture, saved, mode, format):
    image = in_mode(color_picture, mode)
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    data = saved(image, format, **options)
    photo = read(data)
    again = Image.open(io.BytesIO(data))
    reference = again.convert("RGB") if mode in ("P", "CMYK", "YCbCr") else again
    assert np.array_equal(photo.luma, np.asarray(reference.convert("L")))
    assert photo.luma.dtype == np.uint8
    assert photo.format == format
    assert photo.was_color == (mode not in ("1", "L", "LA"))
    if mode in ("LA", "RGBA"):
        assert np.array_equal(photo.alpha, np.asarray(image.getchannel("A")))
    else:
        assert photo.alpha is None


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_jpeg_decodes_as_pillow_does(color_picture, saved, mode):
    data = saved(color_picture.convert(mode), "JPEG", quality=95)
    opened = Image.open(io.BytesIO(data))
    if mode == "CMYK":
        opened = opened.convert("RGB").convert("L")
    else:
        opened.draft("L", opened.size)
    assert np.array_equal(read(data).luma, np.asarray(opened))


def test_jpeg_stored_as_rgb(color_picture, saved):
    data = saved(color_picture, "JPEG", keep_rgb=True)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    assert np.array_equal(read(data).luma, expected)
    assert read(data).was_color


def test_progressive_jpeg_and_every_subsampling(color_picture, saved):
    for subsampling in (0, 1, 2):
        data = saved(color_picture, "JPEG", progressive=True, subsampling=subsampling)
        opened = Image.open(io.BytesIO(data))
        opened.draft("L", opened.size)
        assert np.array_equal(read(data).luma, np.asarray(opened))


def test_avif_is_read(color_picture, saved):
    photo = read(saved(color_picture, "AVIF", quality=95))
    expected = np.asarray(color_picture.convert("L")).astype(int)
    assert np.abs(photo.luma - expected).mean() < 3
    assert (photo.format, photo.was_color) == ("AVIF", True)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_gray_in_a_color_file_is_not_color(color_picture, saved, format):
    gray = color_picture.convert("L").convert("RGB")
    assert not read(saved(gray, format)).was_color
    assert read(saved(color_picture, format)).was_color


def test_palette_with_transparency(color_picture, saved):
    image = color_picture.quantize(8)
    photo = read(saved(image, "PNG", transparency=3))
    assert np.array_equal(photo.alpha == 0, np.asarray(image) == 3)
    photo = read(saved(image, "GIF", transparency=3))
    assert (photo.alpha == 0).any()


@pytest.mark.parametrize(("mode", "clear"), [("L", 100), ("RGB", (100, 100, 100)), ("1", 0)])
def test_one_transparent_value(saved, mode, clear):
    image = Image.new(mode, (3, 2), 255 if mode != "RGB" else (255, 255, 255))
    image.putpixel((1, 0), clear)
    photo = read(saved(image, "PNG", transparency=clear))
    assert photo.alpha.tolist() == [[255, 0, 255], [255, 255, 255]]


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_transparent_level_of_few_bits(depth):
    """As optimizers store line art: gray of few bits, one level of which is clear."""
    most = 2**depth - 1
    levels = [most, 0, most, 0, 0, 0, most, most]
    packed = int("".join(f"{level:0{depth}b}" for level in levels), 2).to_bytes(depth)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 8, 1, depth, 0, 0, 0, 0))]
    for clear in (0, most):
        body = [(b"tRNS", struct.pack(">H", clear)), (b"IDAT", zlib.compress(b"\0" + packed))]
        photo = read(SIGNATURE + b"".join(chunk(*c) for c in [*parts, *body, (b"IEND", b"")]))
        assert photo.luma[0].tolist() == [255 * (level > 0) for level in levels]
        assert photo.alpha[0].tolist() == [255 * (level != clear) for level in levels]


def test_a_transparent_level_of_16_bits_takes_little_memory(saved):
    """The mask is never wider than the luma."""
    luma = np.arange(400 * 500, dtype=np.uint32).reshape(400, 500).astype(np.uint16)
    image = Image.open(io.BytesIO(saved(Image.fromarray(luma), "PNG", transparency=9)))
    image.load()
    tracemalloc.start()
    try:
        pixels = pixels_of_image(image)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert pixels.alpha.dtype == np.uint16
    assert np.array_equal(pixels.alpha == 0, luma == 9)
    assert set(np.unique(pixels.alpha)) == {0, 65535}
    assert most < 11 * luma.size


def test_first_of_several_frames(saved):
    frames = [Image.new("L", (4, 3), level) for level in (10, 90, 200)]
    for format in ("GIF", "TIFF", "PNG", "WEBP"):
        more = {"lossless": True} if format == "WEBP" else {}
        data = saved(frames[0], format, save_all=True, append_images=frames[1:], **more)
        photo = read(data)
        assert photo.frames == 3, format
        assert photo.luma.tolist() == [[10] * 4] * 3, format


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "PPM"])
def test_extreme_shapes(saved, format, size):
    photo = read(saved(Image.new("L", size, 77), format))
    assert (photo.width, photo.height) == size
    assert np.abs(photo.luma.astype(int) - 77).max() <= 1


def test_pictures_of_many_strips(monkeypatch, color_picture, saved):
    whole = read(saved(color_picture, "PNG"))
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 100)
    for format in ("PNG", "TIFF", "BMP"):
        assert np.array_equal(read(saved(color_picture, format)).luma, whole.luma)


@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, ">u2"])
def test_arrays(channels, dtype):
    shape = (5, 7) if channels is None else (5, 7, channels)
    values = np.random.default_rng(1).random(shape)
    most = {"f": 1, "u": np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else 0}
    array = (values * most[np.dtype(dtype).kind]).astype(dtype)
    photo = read(array)
    assert photo.depth == (8 if dtype == np.uint8 else 16)
    assert photo.luma.dtype.isnative
    scaled = array.astype(np.float64).reshape(5, 7, -1) / most[np.dtype(dtype).kind]
    gray = scaled[..., :3] @ [0.299, 0.587, 0.114] if channels in (3, 4) else scaled[..., 0]
    level = 2**photo.depth - 1
    assert np.abs(photo.luma - gray * level).max() <= 1.5
    if channels in (2, 4):
        assert np.abs(photo.alpha - scaled[..., -1] * level).max() <= 0.5
    else:
        assert photo.alpha is None


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2, 5), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((2, 2), bool),
        np.zeros((2, 2), np.int32),
        np.full((2, 2), 1.5),
        np.full((2, 2), np.nan),
    ],
)
def test_wrong_arrays(array):
    with pytest.raises(UnsupportedPhoto, match=r"^the given array cannot be read: its"):
        read(array)


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 4, 3), (0, 0)])
def test_no_pixels(shape):
    picture = Image.new("L", shape[1::-1])
    for source, name in ((np.zeros(shape, np.uint8), "array"), (picture, "picture")):
        with pytest.raises(UnreadablePhoto, match=f"the given {name} .*: it has no pixels$"):
            read(source)


def test_pillow_pictures_that_were_closed(tmp_path, color_picture):
    color_picture.save(tmp_path / "x.png")
    early = Image.open(tmp_path / "x.png")
    early.close()
    with (tmp_path / "x.png").open("rb") as file:
        later = Image.open(file)
    for image in (early, later):
        with pytest.raises(
            UnreadablePhoto, match=r"it was closed before its pixels were read; color it while"
        ):
            read(image)


def test_the_array_stays_the_callers():
    array = np.zeros((4, 4), np.uint8)
    photo = read(array)
    photo.luma[:] = 9
    assert array.max() == 0


def test_pillow_pictures(color_picture, saved):
    photo = read(color_picture)
    assert np.array_equal(photo.luma, np.asarray(color_picture.convert("L")))
    assert photo.format == "PNG"
    opened = Image.open(io.BytesIO(saved(color_picture, "BMP")))
    assert read(opened).format == "BMP"
    assert read(Image.fromarray(np.full((2, 2), 5000, np.int32))).luma.dtype == np.uint16
    for image in (Image.new("F", (2, 2)), Image.fromarray(np.full((2, 2), 70000, np.int32))):
        with pytest.raises(UnsupportedPhoto, match=r"^the given picture cannot be read: its"):
            read(image)


def test_other_things_are_no_photo():
    with pytest.raises(WrongInput, match="not int"):
        read(5)


def test_paths(tmp_path, color_picture):
    path = tmp_path / "photo with a wrong name.txt"
    color_picture.save(path, "PNG")
    assert read(path).format == read(str(path)).format == "PNG"


def test_rgb_profile_is_kept(color_picture, saved):
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for format in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
        assert read(saved(color_picture, format, icc_profile=icc)).metadata.icc == icc
    assert read(saved(color_picture, "PNG", icc_profile=b"x" * 200)).metadata.icc is None
