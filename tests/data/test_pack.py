"""Packing: what goes in comes out small, once, and the same whatever happens in between."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from photochrom.data import pack as packing
from photochrom.data.categories import in_categories
from photochrom.data.pack import PackResult, pack
from photochrom.data.packed_picture import PackSettings, pack_picture
from photochrom.data.shard_writer import ShardWriter
from photochrom.data.sources import open_pictures
from photochrom.data.transforms import decode
from photochrom.errors import DataError, UnwritablePhoto
from tests.conftest import scene

SETTINGS = PackSettings(side=24, per_shard=4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten good pictures of two kinds, and one of each kind that is left out."""
    root = tmp_path / "photos"
    for kind, seeds in (("coast", range(5)), ("forest", range(5, 10))):
        (root / kind).mkdir(parents=True)
        for seed in seeds:
            Image.fromarray(scene(60, 90, seed=seed)).save(root / kind / f"{seed}.png")
    Image.fromarray(scene(60, 90, seed=3)).convert("L").save(root / "coast" / "gray.png")
    (root / "coast" / "broken.jpg").write_bytes(b"no picture")
    Image.fromarray(scene(20, 90, seed=4)).save(root / "coast" / "small.png")
    shutil.copy(root / "coast" / "1.png", root / "forest" / "same.png")
    return root


def run(place: Path, out: Path, settings: PackSettings = SETTINGS, **options: object) -> PackResult:
    return pack(open_pictures([place]), out, settings, workers=1, **options)  # type: ignore[arg-type]


def dropped(out: Path) -> dict[str, str]:
    with (out / "dropped.csv").open(newline="", encoding="utf-8") as file:
        return {row["name"]: row["reason"] for row in csv.DictReader(file)}


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


class Interrupted(Exception):
    pass


def stop_after(count: int):
    def advance(done: int) -> None:
        if done == count:
            raise Interrupted

    return advance


def test_keeps_the_good_and_lists_the_rest(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "shards"
    result = run(folder, out)
    assert (result.shards, result.pictures) == (3, 10)
    assert result.dropped == {"gray": 1, "broken": 1, "small": 1, "duplicate": 1}
    assert [len(open_pictures([out / f"pictures-{i:06d}.tar"])) for i in range(3)] == [4, 4, 2]
    reasons = dropped(out)
    assert reasons["coast/gray.png"] == "gray"
    assert "90 x 20" in reasons["coast/small.png"]
    assert reasons["forest/same.png"] == "duplicate of coast/1.png"
    assert "no picture" in reasons["coast/broken.jpg"]
    assert len(reasons) == 4


def test_pictures_are_smaller_and_look_the_same(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "shards")
    packed = open_pictures([tmp_path / "shards"])
    image = decode(packed.read(0), "0")
    assert image.size == (36, 24)
    original = Image.open(folder / "coast" / "0.png").resize((36, 24), Image.Resampling.LANCZOS)
    # WebP halves chroma, of which these pictures are all made.
    assert np.abs(np.asarray(image).astype(int) - np.asarray(original)).mean() < 6


def test_categories_come_along(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "shards")
    packed = open_pictures([tmp_path / "shards"])
    forest = in_categories(packed, ["for*"])
    assert len(forest) == 5
    assert {forest.category(i) for i in range(5)} == {"forest"}
    with tarfile.open(tmp_path / "shards" / "pictures-000000.tar") as tar:
        facts = json.loads(tar.extractfile("000000000.json").read())  # type: ignore[union-attr]
    assert (facts["category"], facts["name"]) == ("coast", "coast/0.png")


# It leaves closing its files to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_webdataset_reads_the_shards(folder: Path, tmp_path: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    out = tmp_path / "shards"
    run(folder, out)
    shards = [str(path) for path in sorted(out.glob("*.tar"))]
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("pil"))
    assert len(samples) == 10
    assert samples[0]["webp"].size == (36, 24)
    assert [s["json"]["category"] for s in samples] == ["coast"] * 5 + ["forest"] * 5
    ours = open_pictures([out])
    assert all(
        np.array_equal(np.asarray(s["webp"]), np.asarray(decode(ours.read(i), "")))
        for i, s in enumerate(samples)
    )


@pytest.mark.parametrize("done", [1, 3, 6, 9, 12, 14])
def test_interrupted_and_continued_is_the_same(folder: Path, tmp_path: Path, done: int) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run(folder, whole)
    with pytest.raises(Interrupted):
        run(folder, parts, advance=stop_after(done))
    first = {name: data for name, data in contents(parts).items() if name.endswith(".tar")}
    starts: list[int] = []
    result = run(folder, parts, begin=starts.append)
    assert contents(parts) == contents(whole)
    assert all(contents(parts)[name] == data for name, data in first.items())
    assert (starts[0] > 0) == bool(first)
    assert result == run(folder, whole)


def test_a_shard_that_cannot_be_written_is_made_later(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder, tmp_path / "whole")
    written: list[int] = []
    flush = ShardWriter.flush

    def full_disk(writer: ShardWriter) -> None:
        if len(written) == 1:
            message = "no space left on device"
            raise UnwritablePhoto(message)
        written.append(1)
        flush(writer)

    with monkeypatch.context() as patch:
        patch.setattr(ShardWriter, "flush", full_disk)
        with pytest.raises(UnwritablePhoto, match="no space"):
            run(folder, tmp_path / "parts")
    assert len(dropped(tmp_path / "parts")) > 0
    run(folder, tmp_path / "parts")
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_a_second_run_does_nothing(folder: Path, tmp_path: Path) -> None:
    first = run(folder, tmp_path / "out")
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.tar")}
    assert run(folder, tmp_path / "out") == first
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.tar")} == before


def test_many_workers_write_what_one_writes(folder: Path, tmp_path: Path) -> None:
    for index in range(10, 30):
        Image.fromarray(scene(40, 40, seed=index)).save(folder / "coast" / f"{index}.png")
    run(folder, tmp_path / "one")
    pack(open_pictures([folder]), tmp_path / "two", SETTINGS, workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_failures_in_the_loop_end_the_progress(folder: Path, tmp_path: Path) -> None:
    ended: list[int] = []
    with pytest.raises(Interrupted):
        run(folder, tmp_path / "out", advance=stop_after(2), end=lambda: ended.append(1))
    assert ended == [1]


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (PackSettings(side=32, per_shard=4), "side"),
        (PackSettings(side=24, per_shard=4, quality=50), "quality"),
        (PackSettings(side=24, per_shard=4, keeps_gray=True), "keeps_gray"),
    ],
)
def test_other_settings_are_refused(
    folder: Path, tmp_path: Path, settings: PackSettings, key: str
) -> None:
    run(folder, tmp_path / "out")
    with pytest.raises(DataError, match=key):
        run(folder, tmp_path / "out", settings)


def test_other_pictures_and_strange_shards_are_refused(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out")
    (folder / "coast" / "7.png").write_bytes((folder / "forest" / "7.png").read_bytes())
    with pytest.raises(DataError, match="pictures"):
        run(folder, tmp_path / "out")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "a.tar").write_bytes(b"")
    with pytest.raises(DataError, match="another folder"):
        run(folder, tmp_path / "strange")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnwritablePhoto, match="file"):
        run(folder, tmp_path / "file")


def test_a_damaged_shard_is_named(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out")
    shard = tmp_path / "out" / "pictures-000001.tar"
    shard.write_bytes(shard.read_bytes()[:700])
    with pytest.raises(DataError, match="pictures-000001"):
        run(folder, tmp_path / "out")


def test_nothing_but_gray(tmp_path: Path) -> None:
    for seed in range(3):
        Image.fromarray(scene(40, 40, seed=seed)).convert("L").save(tmp_path / f"{seed}.png")
    with pytest.raises(DataError, match="all 3 pictures were left out"):
        run(tmp_path, tmp_path / "out")
    assert set(dropped(tmp_path / "out").values()) == {"gray"}
    kept = run(tmp_path, tmp_path / "kept", PackSettings(keeps_gray=True))
    assert kept.pictures == 3


def test_large_pictures_are_not_small_because_the_decoder_reduced_them(tmp_path: Path) -> None:
    place = tmp_path / "photos"
    place.mkdir()
    for name, size in (("large", (400, 500)), ("small", (190, 500))):
        Image.fromarray(scene(*size, seed=1)).save(place / f"{name}.jpg")
    run(place, tmp_path / "out", PackSettings(side=24, smallest=200))
    assert dropped(tmp_path / "out") == {"small.jpg": "small: 500 x 190 pixels"}


def test_low_colorfulness_only_when_asked(tmp_path: Path) -> None:
    pale = (scene(40, 40).astype(float) - 128) * 0.06 + 128
    Image.fromarray(pale.astype(np.uint8)).save(tmp_path / "pale.png")
    Image.fromarray(scene(40, 40, seed=1)).save(tmp_path / "vivid.png")
    assert run(tmp_path, tmp_path / "all").pictures == 2
    assert run(tmp_path, tmp_path / "vivid", PackSettings(colorfulness=15)).pictures == 1
    assert dropped(tmp_path / "vivid")["pale.png"].startswith("low colorfulness")


def test_jpeg_shards_keep_chroma_at_full_size(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out", PackSettings(format="jpeg", side=24))
    data = open_pictures([tmp_path / "out"]).read(0)
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]


def test_pictures_come_upright_in_srgb_and_without_alpha(tmp_path: Path) -> None:
    upright = Image.fromarray(scene(60, 90))
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    clear = upright.copy()
    clear.putalpha(0)
    clear.save(tmp_path / "clear.png")
    # Another kind of profile than the picture's says nothing of it.
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    upright.save(tmp_path / "lab-profile.png", icc_profile=lab)
    pictures = open_pictures([tmp_path])
    images = {pictures.name(i): decode(pictures.read(i), "") for i in range(3)}
    assert np.abs(np.asarray(images["turned.png"]).astype(int) - np.asarray(upright)).max() == 0
    assert np.asarray(images["clear.png"]).min() == 255
    assert np.array_equal(np.asarray(images["lab-profile.png"]), np.asarray(upright))


def test_pictures_of_another_profile_come_as_they_look(tmp_path: Path) -> None:
    adobe = pytest.importorskip("imagecodecs").cms_profile("adobergb")
    stored = Image.fromarray(scene(60, 90))
    stored.save(tmp_path / "adobe.png", icc_profile=adobe)
    found = np.asarray(decode((tmp_path / "adobe.png").read_bytes(), "")).astype(int)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(adobe))
    shown = ImageCms.profileToProfile(stored, profile, ImageCms.createProfile("sRGB"))
    assert np.array_equal(found, np.asarray(shown))
    assert np.abs(found - np.asarray(stored)).max() > 4


def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    name = b"\xe9t\xe9.png".decode("utf-8", "surrogateescape")
    (tmp_path / "in").mkdir()
    try:
        Image.fromarray(scene(40, 40)).save(tmp_path / "in" / "plain.png")
        (tmp_path / "in" / "plain.png").rename(tmp_path / "in" / name)
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert run(tmp_path / "in", tmp_path / "out").pictures == 1
    assert run(tmp_path / "in", tmp_path / "out").pictures == 1


def test_a_picture_never_stops_the_run(folder: Path) -> None:
    pictures = open_pictures([folder])
    for path in folder.rglob("*.png"):
        path.write_bytes(path.read_bytes()[:60])
    (folder / "coast" / "0.png").unlink()
    outcomes = [pack_picture(pictures, i, SETTINGS) for i in range(len(pictures))]
    assert all(o.data is None and o.reason and "\n" not in o.reason for o in outcomes)


def test_a_lost_process_is_one_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concurrent.futures.process import BrokenProcessPool

    def lost(*args: object) -> None:
        raise BrokenProcessPool

    monkeypatch.setattr(packing.ProcessPoolExecutor, "submit", lost)
    for index in range(10):
        Image.fromarray(scene(40, 40, seed=index + 50)).save(folder / f"{index}.png")
    with pytest.raises(DataError, match="same command continues"):
        pack(open_pictures([folder]), tmp_path / "out", SETTINGS, workers=2)
