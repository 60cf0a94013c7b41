from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import get_overloads, get_type_hints

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from photochrom import Colorizer, colorize
from photochrom.errors import ModelError, UnknownName, UnreadablePhoto, WrongInput
from photochrom.inference.tint import SideBySide, Tint
from photochrom.photo.decode import read
from photochrom.photo.jpeg_tables import LUMA, table_of
from tests.conftest import scene


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


def chroma_of(rgb: np.ndarray) -> float:
    return float(np.ptp(rgb.astype(int), axis=-1).mean())


def gray_of(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L")).astype(int)


class TestSameKindOut:
    def test_path(self, colorizer: Colorizer, gray_photo: Path) -> None:
        before = gray_photo.read_bytes()
        result = colorizer(gray_photo)
        assert result == gray_photo.with_name("grandma.color.jpg")
        assert gray_photo.read_bytes() == before
        with Image.open(result) as image:
            assert image.mode == "RGB"
            assert image.size == (120, 90)

    def test_str(self, colorizer: Colorizer, gray_photo: Path) -> None:
        assert colorizer(str(gray_photo)) == str(gray_photo.with_name("grandma.color.jpg"))

    @pytest.mark.parametrize("name", ["", ".", "/"])
    def test_a_path_without_a_name(self, colorizer: Colorizer, name: str) -> None:
        with pytest.raises(WrongInput, match="a photo is a file"):
            colorizer(name)

    def test_the_photograph_is_never_the_result(
        self, colorizer: Colorizer, gray_photo: Path
    ) -> None:
        before = gray_photo.read_bytes()
        link = gray_photo.with_name("link.jpg")
        link.symlink_to(gray_photo)
        for source, destination in ((gray_photo, gray_photo), (link, gray_photo)):
            for result in (destination, str(destination), source):
                with pytest.raises(WrongInput, match="the photograph itself"):
                    colorizer.save(source, result)
        assert gray_photo.read_bytes() == before

    def test_bytes(self, colorizer: Colorizer, gray_photo: Path) -> None:
        result = colorizer(gray_photo.read_bytes())
        with Image.open(io.BytesIO(result)) as image:
            assert (image.format, image.mode) == ("JPEG", "RGB")

    def test_image(self, colorizer: Colorizer) -> None:
        source = Image.fromarray(scene(50, 70)).convert("LA")
        result = colorizer(source)
        assert isinstance(result, Image.Image)
        assert (result.mode, result.size) == ("RGBA", (70, 50))

    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
    def test_array(self, colorizer: Colorizer, dtype: type) -> None:
        gray = np.asarray(Image.fromarray(scene(50, 70)).convert("L"))
        factor = {np.uint8: 1, np.uint16: 257, np.float32: 1 / 255}[dtype]
        result = colorizer((gray * dtype(factor)).astype(dtype))
        assert result.shape == (50, 70, 3)
        assert result.dtype == dtype

    def test_bytes_of_an_array_in_another_order(self, colorizer: Colorizer) -> None:
        gray = np.asarray(Image.fromarray(scene(50, 70)).convert("L")).astype(np.uint16) * 257
        swapped = gray.astype(gray.dtype.newbyteorder())
        result = colorizer(swapped)
        assert result.dtype == swapped.dtype != gray.dtype
        assert np.array_equal(result, colorizer(gray))

    def test_type_checkers_are_told(self) -> None:
        kinds = {
            (hints["photo"], hints["return"])
            for hints in (get_type_hints(one) for one in get_overloads(Colorizer.__call__))
        }
        assert kinds == {
            (str, str),
            (PathLike[str], Path),
            (bytes | bytearray | memoryview, bytes),
            (Image.Image, Image.Image),
            (np.ndarray, np.ndarray),
        }

    def test_module_function(self, gray_photo: Path) -> None:
        assert colorize(gray_photo).is_file()


class TestGrayAgain:
    @pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (63, 97), (256, 256)])
    def test_8_bits(self, colorizer: Colorizer, shape: tuple[int, int]) -> None:
        luma = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
        rgb = colorizer(luma)
        assert rgb.shape == (*shape, 3)
        assert np.abs(gray_of(Image.fromarray(rgb)) - luma).max() <= 1

    def test_16_bits(self, colorizer: Colorizer) -> None:
        luma = np.random.default_rng(1).integers(0, 65536, (80, 100), dtype=np.uint16)
        rgb = colorizer(luma)
        again = rgb.astype(float) @ [0.299, 0.587, 0.114]
        assert np.abs(again - luma).max() <= 1

    def test_jpeg_planes(self, colorizer: Colorizer) -> None:
        luma = np.asarray(Image.fromarray(scene(75, 111)).convert("L"))
        tint = colorizer.tint(read(luma))
        y, cb, cr = tint.planes(0, 75)
        assert np.array_equal(y, luma)
        full = [np.repeat(np.repeat(c, 2, 0), 2, 1)[:75, :111] for c in (cb, cr)]
        image = Image.merge("YCbCr", [Image.fromarray(p) for p in (y, *full)]).convert("RGB")
        assert np.abs(gray_of(image) - luma).max() <= 1

    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_files(self, colorizer: Colorizer, tmp_path: Path, suffix: str) -> None:
        source, result = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
        Image.fromarray(scene(64, 80)).convert("L").save(source)
        colorizer.save(source, result)
        with Image.open(source) as before, Image.open(result) as after:
            assert np.abs(gray_of(before) - gray_of(after)).max() <= 1


class TestSettings:
    def test_strength_zero_is_gray(self) -> None:
        rgb = Colorizer(strength=0)(scene(64, 64))
        assert chroma_of(rgb) == 0

    def test_strength_adds_chroma(self) -> None:
        picture = scene(64, 64)
        assert chroma_of(Colorizer(strength=2)(picture)) > chroma_of(Colorizer()(picture))

    def test_vividness_is_a_dial(self) -> None:
        picture = scene(96, 96)
        chroma = [chroma_of(Colorizer(vividness=v)(picture)) for v in (0.0, 0.5, 1.0)]
        assert chroma == sorted(chroma)
        assert chroma[2] > chroma[0]

    def test_by_hand_equals_the_dial(self) -> None:
        picture = scene(64, 64)
        dial = Colorizer(vividness=0.3)
        rebalance, temperature = dial.dial
        by_hand = Colorizer(rebalance=rebalance, temperature=temperature)
        assert np.array_equal(dial(picture), by_hand(picture))

    def test_guided_upsampling(self) -> None:
        picture = scene(300, 200)
        guided = Colorizer(upsampling="guided")(picture)
        assert (
            np.abs(gray_of(Image.fromarray(guided)) - gray_of(Image.fromarray(picture))).max() <= 1
        )
        assert not np.array_equal(guided, Colorizer()(picture))

    @pytest.mark.parametrize(
        "setting",
        [
            {"vividness": 1.1},
            {"strength": -1},
            {"temperature": 0},
            {"size": 8},
            {"upsampling": "x"},
        ],
    )
    def test_out_of_range(self, setting: dict[str, float]) -> None:
        with pytest.raises(WrongInput, match=next(iter(setting))):
            Colorizer(**setting)


class TestTint:
    def test_strips_are_the_whole(self, colorizer: Colorizer) -> None:
        tint = colorizer.tint(read(scene(203, 150)))
        whole = tint.rgb(0, 203).astype(int)
        parts = np.concatenate([tint.rgb(a, min(a + 40, 203)) for a in range(0, 203, 40)])
        assert np.abs(whole - parts).max() <= 1

    def test_plane_strips_are_the_whole(self, colorizer: Colorizer) -> None:
        tint = colorizer.tint(read(scene(203, 151)))
        whole = tint.planes(0, 203)
        strips = [tint.planes(a, min(a + 40, 203)) for a in range(0, 203, 40)]
        for plane, pieces in zip(whole, zip(*strips, strict=True), strict=True):
            joined = np.concatenate(pieces)
            assert joined.shape == plane.shape
            # Resizing rounds Cb and Cr to a level each, and both decide the common factor.
            difference = np.abs(joined.astype(int) - plane)
            assert difference.max() <= 2
            assert (difference > 1).mean() < 1e-2

    def test_full_chroma_never_leaves_the_gamut(self) -> None:
        luma = np.tile(np.arange(256, dtype=np.uint8), (8, 1))
        chroma = np.full((8, 256), 0.5, np.float32)
        rgb = Tint(luma, chroma, -chroma).rgb(0, 8)
        assert np.abs(gray_of(Image.fromarray(rgb)) - luma).max() <= 1
        assert chroma_of(rgb[:, 100:150]) > 50

    def test_side_by_side_of_odd_width(self, colorizer: Colorizer) -> None:
        photo = read(scene(40, 51))
        both = SideBySide(photo.luma, colorizer.tint(photo))
        rgb = both.rgb(0, 40)
        assert rgb.shape == (40, 103, 3)
        assert np.array_equal(rgb[:, :51, 0], photo.luma)
        assert [p.shape for p in both.planes(0, 40)] == [(40, 103), (20, 52), (20, 52)]

    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_side_by_side_is_as_transparent_twice(
        self, colorizer: Colorizer, tmp_path: Path, suffix: str
    ) -> None:
        alpha = Image.fromarray(np.tile(np.arange(51, dtype=np.uint8) * 5, (40, 1)))
        picture = Image.fromarray(scene(40, 51)).convert("L").convert("LA")
        picture.putalpha(alpha)
        source, result = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
        picture.save(source)
        colorizer.save(source, result, side_by_side=True)
        with Image.open(result) as image:
            found = np.asarray(image.getchannel("A"))
        assert np.array_equal(found[:, :51], np.asarray(alpha))
        assert np.array_equal(found[:, 52:], np.asarray(alpha))

    @pytest.mark.parametrize("mode", ["L", "RGB"])
    def test_side_by_side_is_no_coarser_than_its_source(
        self, colorizer: Colorizer, tmp_path: Path, mode: str
    ) -> None:
        source, result = tmp_path / "a.jpg", tmp_path / "b.jpg"
        gray = Image.fromarray(scene(48, 64)).convert("L")
        for quality, expected, options in ((75, 92, {}), (97, 97, {}), (97, 60, {"quality": 60})):
            gray.convert(mode).save(source, quality=quality)
            colorizer.save(source, result, side_by_side=True, **options)
            with Image.open(result) as image:
                assert image.size == (128, 48)
                assert list(image.quantization[0]) == table_of(LUMA, expected)
                assert get_sampling(image) == 2  # 4:2:0, as without


class TestErrors:
    def test_unknown_model_names_the_nearest(self) -> None:
        with pytest.raises(UnknownName, match="photochrom"):
            Colorizer("photocrom")

    def test_not_a_model(self, gray_photo: Path) -> None:
        with pytest.raises(ModelError, match=r"grandma\.jpg"):
            Colorizer(gray_photo)

    def test_model_cut_short(self, tmp_path: Path) -> None:
        from photochrom.weights.models import MODELS

        short = tmp_path / "short.onnx"
        short.write_bytes(MODELS["photochrom"].read_bytes()[:5000])
        with pytest.raises(ModelError, match="cut short"):
            Colorizer(short)

    def test_bytes_that_are_no_picture(self, colorizer: Colorizer) -> None:
        with pytest.raises(UnreadablePhoto):
            colorizer(b"hello")

    def test_unwritable_suffix(self, colorizer: Colorizer, gray_photo: Path) -> None:
        with pytest.raises(WrongInput, match=r"\.xyz"):
            colorizer.save(gray_photo, gray_photo.with_suffix(".xyz"))
        for name in ("a.gif", "a.bmp", "a"):
            with pytest.raises(WrongInput, match=r"; results are JPEG, PNG, TIFF, .*"):
                colorizer.save(gray_photo, gray_photo.with_name(name))


@pytest.mark.parametrize(
    "settings",
    [
        {"strength": "1"},
        {"vividness": None, "size": "large"},
        {"palette": "red", "influence": "much"},
        {"palette": 5},
    ],
)
def test_settings_of_another_kind_are_named(settings: dict[str, object]) -> None:
    name = list(settings)[-1]
    with pytest.raises(WrongInput, match=name):
        Colorizer(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("quality", ["90", 90.5, 0, 101])
def test_a_quality_that_is_none(colorizer: Colorizer, gray_photo: Path, quality: object) -> None:
    result = gray_photo.with_name("o.jpg")
    with pytest.raises(WrongInput, match="quality is a whole number"):
        colorizer.save(gray_photo, result, quality=quality)
    assert not result.exists()


def test_a_result_of_pillow_carries_what_the_photograph_did(colorizer: Colorizer) -> None:
    image = Image.fromarray(scene(20, 24)).convert("L")
    image.info |= {"dpi": (300, 300), "xmp": b"<x:xmpmeta/>"}
    info = colorizer(image).info
    assert (info["dpi"], info["xmp"]) == ((300, 300), b"<x:xmpmeta/>")


def test_exif_of_a_result_of_pillow_can_be_saved_in_every_format(colorizer: Colorizer) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Zeiss"
    image = Image.fromarray(scene(20, 24)).convert("L")
    image.info["exif"] = exif.tobytes()
    result = colorizer(image)
    for format in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
        buffer = io.BytesIO()
        result.save(buffer, format, exif=result.info["exif"])
        assert Image.open(buffer).getexif()[0x010F] == "Zeiss", format
