"""HEIC: every level, the right way up, and one line for what is not read."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pi_heif
import pytest
from PIL import Image, ImageCms, ImageOps

from photochrom.errors import PhotoTooLarge, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo.decode import read, size_of
from photochrom.photo.exif import orientation_of
from photochrom.photo.heif import heif_as_image
from photochrom.photo.kinds import HEAD_BYTES, kind_of
from tests.fuzz.seeds import gray_profile
from tests.heic import heic


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (30, 42, 3), dtype=np.uint8)


def test_gray_keeps_every_level(luma8: np.ndarray) -> None:
    photo = read(heic(luma8))
    assert np.array_equal(photo.luma, luma8)
    assert (photo.format, photo.frames, photo.was_color) == ("HEIC", 1, False)


def test_color_gives_its_luma(rgb: np.ndarray) -> None:
    photo = read(heic(rgb))
    assert np.array_equal(photo.luma, np.asarray(Image.fromarray(rgb).convert("L")))
    assert photo.was_color


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_ten_bits_fill_sixteen(channels: int) -> None:
    levels = np.arange(1024, dtype=np.uint16).reshape(32, 32)
    samples = levels << 6
    if channels > 1:
        samples = np.dstack([samples] * 3 + [samples[::-1]] * (channels == 4))
    photo = read(heic(samples))
    full = np.rint(levels * (65535 / 1023))
    assert photo.depth == 16
    assert np.abs(photo.luma - full).max() <= 64  # a 1,024th of all
    assert len(np.unique(photo.luma)) == 1024
    assert (photo.luma.min(), photo.luma.max()) == (0, 65535)
    if channels == 4:
        assert photo.alpha is not None
        assert np.abs(photo.alpha - full[::-1]).max() <= 64


def test_alpha_is_kept_and_undone_where_colors_were_multiplied_by_it(rgb: np.ndarray) -> None:
    alpha = np.random.default_rng(4).integers(128, 256, rgb.shape[:2], dtype=np.uint8)
    plain = read(heic(np.dstack([rgb, alpha])))
    assert np.array_equal(plain.alpha, alpha)
    multiplied = np.rint(rgb * (alpha[..., None] / 255)).astype(np.uint8)
    photo = read(heic(np.dstack([multiplied, alpha]), mode="RGBa"))
    assert np.array_equal(photo.alpha, alpha)
    assert np.abs(photo.luma.astype(int) - plain.luma).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_once_by_what_the_decoder_heeds(luma8: np.ndarray, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "A telephone"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="%d"/>' % orientation
    photo = read(heic(luma8, info={"exif": exif.tobytes(), "xmp": xmp}))
    image = Image.fromarray(luma8)
    image.getexif()[0x0112] = orientation
    assert np.array_equal(photo.luma, np.asarray(ImageOps.exif_transpose(image)))
    assert orientation_of(photo.metadata.exif) == 1
    assert b"A telephone" in (photo.metadata.exif or b"")
    assert b'tiff:Orientation="1"' in (photo.metadata.xmp or b"")


def test_exif_alone_turns_nothing(luma8: np.ndarray) -> None:
    """As its standard says: EXIF may be left from before the picture was turned."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = heic(luma8, info={"exif": exif.tobytes()})
    ignored = data.replace(b"irot", b"free")
    assert np.array_equal(read(ignored).luma, luma8)


def test_profiles_count(rgb: np.ndarray, luma8: np.ndarray) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = read(heic(rgb, info={"icc_profile": srgb}))
    assert photo.metadata.icc == srgb
    assert np.array_equal(photo.luma, read(heic(rgb)).luma)
    misplaced = read(heic(rgb, info={"icc_profile": gray_profile()}))
    assert np.array_equal(misplaced.luma, photo.luma)
    gamma = read(heic(luma8, info={"icc_profile": gray_profile()}))
    png = io.BytesIO()
    Image.fromarray(luma8).save(png, "PNG", icc_profile=gray_profile())
    assert np.array_equal(gamma.luma, read(png.getvalue()).luma)


@pytest.mark.parametrize("others", [1, 2])
def test_the_primary_picture_is_taken(rgb: np.ndarray, luma8: np.ndarray, others: int) -> None:
    photo = read(heic(luma8, others=[rgb] * others))
    assert photo.frames == others + 1
    assert np.array_equal(photo.luma, luma8)


@pytest.mark.parametrize("transfer", [8, 16, 18])
def test_levels_far_from_srgb_are_refused(rgb: np.ndarray, transfer: int) -> None:
    data = heic(rgb, transfer_characteristics=transfer, color_primaries=9)
    with pytest.raises(UnsupportedPhoto, match=r"its levels are (linear|HDR)"):
        read(data)


def test_size_is_told_before_anything_is_decoded(
    rgb: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(heic(rgb))
    claimed = tmp_path / "bomb.heic"
    data = bytearray(heic(np.zeros((64, 64), np.uint8)))
    struct.pack_into(">II", data, data.index(b"ispe") + 8, 30000, 30000)
    claimed.write_bytes(data)

    def never(self: object) -> None:
        raise AssertionError

    monkeypatch.setattr(pi_heif.HeifImage, "load", never)
    assert size_of(path) == (30, 42)
    with pytest.raises(PhotoTooLarge, match="limit is 1,259 in all"):
        read(path, max_pixels=1259)
    with pytest.raises(PhotoTooLarge, match="claims"):
        read(claimed)


def test_cut_short_at_any_place(rgb: np.ndarray) -> None:
    data = heic(rgb)
    for length in range(16, len(data), len(data) // 40):
        with pytest.raises(UnreadablePhoto, match=r"it is (cut short|damaged)$"):
            read(data[:length])


def test_other_codings_are_named(rgb: np.ndarray, saved) -> None:
    av1 = saved(Image.fromarray(rgb), "AVIF").replace(b"avif", b"mif1")
    for data in (av1, heic(rgb).replace(b"hvc1", b"unci")):
        assert kind_of(data[:HEAD_BYTES]) == "HEIC"
        with pytest.raises(UnsupportedPhoto, match="not coded as HEVC"):
            read(data)


def test_one_core_and_the_librarys_own_setting_stays(
    luma8: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, opened = [], pi_heif.open_heif

    def spy(*args: object, **options: object) -> object:
        seen.append(pi_heif.options.DECODE_THREADS)
        return opened(*args, **options)

    monkeypatch.setattr(pi_heif, "open_heif", spy)
    monkeypatch.setattr(pi_heif.options, "DECODE_THREADS", 7)
    read(heic(luma8))
    assert (seen, pi_heif.options.DECODE_THREADS) == ([1], 7)


def test_in_color_for_training(rgb: np.ndarray) -> None:
    assert np.array_equal(np.asarray(heif_as_image(heic(rgb))), rgb)
    deep = heif_as_image(heic(rgb.astype(np.uint16) * 257))
    assert np.abs(np.asarray(deep).astype(int) - rgb).max() <= 1
