from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.data.dataset import Crops
from photochrom.data.draws import Draws
from photochrom.data.exposure import vary_exposure
from photochrom.data.names import Names
from photochrom.data.shards import ShardPictures
from photochrom.data.sources import open_pictures
from photochrom.data.split import split
from photochrom.data.statistics import ab_histogram, bin_prior
from photochrom.data.transforms import NONE, Augmentation, crop_box, decode, training_crop
from photochrom.errors import DataError
from tests.conftest import scene
from tests.heic import heic


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for index in range(10):
        Image.fromarray(scene(40, 52, seed=index)).save(pictures / f"{index:02d}.png")
    return pictures


def test_photographs_of_telephones_are_pictures_too(folder: Path) -> None:
    samples = np.asarray(scene(40, 52, seed=3))
    (folder / "a.heic").write_bytes(heic(samples))
    pictures = open_pictures([folder])
    assert [pictures.name(index) for index in range(len(pictures))][-1] == "a.heic"
    image = decode(pictures.read(len(pictures) - 1), "a.heic")
    assert np.array_equal(np.asarray(image), samples)
    with pytest.raises(DataError, match=r"picture a\.heic: it is (cut short|damaged)"):
        decode(heic(samples)[:-900], "a.heic")


@pytest.fixture
def shard(folder: Path) -> Path:
    path = folder.parent / "a-0000.tar"
    with tarfile.open(path, "w") as tar:
        for file in sorted(folder.iterdir()):
            tar.add(file, file.name)
            label = tarfile.TarInfo(f"{file.stem}.cls")
            label.size = 1
            tar.addfile(label, io.BytesIO(b"3"))
    return path


def crops(place: Path, *, seed: int = 0, augmentation: Augmentation | None = None) -> Crops:
    chosen = augmentation or Augmentation()
    return Crops(open_pictures([place]), size=32, augmentation=chosen, seed=seed)


class TestSources:
    def test_folder_and_shard_hold_the_same(self, folder: Path, shard: Path) -> None:
        one, other = open_pictures([folder]), open_pictures([shard])
        assert len(one) == len(other) == 10
        assert [one.read(i) for i in range(10)] == [other.read(i) for i in range(10)]

    def test_globs_and_several_places(self, folder: Path, shard: Path) -> None:
        assert len(open_pictures([folder, str(shard.parent / "a-*.tar")])) == 20
        assert len(open_pictures([shard.parent / "pictures", shard])) == 20
        names = [open_pictures([folder, shard]).name(i) for i in (0, 9, 10, 19)]
        assert names == ["00.png", "09.png", "a-0000.tar#0", "a-0000.tar#9"]

    def test_index_is_two_integers_a_picture(self, shard: Path) -> None:
        assert ShardPictures(shard)._places.nbytes == 10 * 16

    def test_shard_cut_short(self, shard: Path) -> None:
        shard.write_bytes(shard.read_bytes()[:700])
        with pytest.raises(DataError, match="a-0000"):
            open_pictures([shard])

    @pytest.mark.parametrize("place", ["nowhere", "empty", "nothing-*.tar"])
    def test_nothing_there(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(DataError):
            open_pictures([str(tmp_path / place)])


class TestCrops:
    def test_every_epoch_visits_every_picture_once(self, folder: Path) -> None:
        data = crops(folder)
        epochs = [[data.picture_at(e * 10 + i) for i in range(10)] for e in range(3)]
        assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
        assert epochs[0] != epochs[1]

    def test_position_and_seed_decide_everything(self, folder: Path) -> None:
        first, again = crops(folder), crops(folder)
        backwards = {k: again[k] for k in reversed(range(15))}
        assert all((first[k] == backwards[k]).all() for k in range(15))
        assert not (crops(folder, seed=1)[0] == first[0]).all()

    def test_broken_picture_is_replaced(self, folder: Path) -> None:
        (folder / "04.png").write_bytes(b"broken")
        data = crops(folder)
        assert all(data[k].shape == (3, 32, 32) for k in range(10))

    def test_only_broken_pictures(self, folder: Path) -> None:
        for file in folder.iterdir():
            file.write_bytes(b"broken")
        with pytest.raises(DataError, match="20 pictures"):
            crops(folder)[0]

    def test_boxes_are_inside(self) -> None:
        generator = np.random.default_rng(0)
        for _ in range(500):
            width, height = generator.integers(20, 200, 2).tolist()
            left, top, right, bottom = crop_box(width, height, Augmentation(), generator)
            assert 0 <= left < right <= width + 1e-9
            assert 0 <= top < bottom <= height + 1e-9
            aspect = (right - left) / (bottom - top)
            assert 1 / 1.2**2 - 1e-9 <= aspect <= 1.2**2 + 1e-9

    def test_mirrored_half_the_time(self) -> None:
        image = Image.fromarray(scene(32, 32))
        plain = training_crop(image, 32, NONE, np.random.default_rng(0))
        flips = 0
        for seed in range(200):
            whole = Augmentation(smallest=1.0, stretch=1.0, flip=True)
            crop = training_crop(image, 32, whole, np.random.default_rng(seed))
            flips += int(not np.array_equal(crop, plain))
        assert 70 < flips < 130


class TestSplit:
    def test_parts_do_not_overlap_and_repeat(self, folder: Path) -> None:
        pictures = open_pictures([folder])
        trained, judged = split(pictures, validation=3, seed=5)
        names = [[p.name(i) for i in range(len(p))] for p in (trained, judged)]
        assert [len(n) for n in names] == [7, 3]
        assert not set(names[0]) & set(names[1])
        again = split(pictures, validation=3, seed=5)[1]
        assert [again.name(i) for i in range(3)] == names[1]

    def test_limit(self, folder: Path) -> None:
        assert len(split(open_pictures([folder]), validation=2, limit=4, seed=0)[0]) == 4

    def test_nothing_left(self, folder: Path) -> None:
        with pytest.raises(DataError, match="none to train"):
            split(open_pictures([folder]), validation=10, seed=0)


class TestStatistics:
    def test_histogram_counts_pixels(self) -> None:
        red = np.zeros((3, 4, 5), np.uint8)
        red[0] = 255
        gray = np.full((3, 4, 5), 90, np.uint8)
        counts = ab_histogram([red, gray])
        assert counts.sum() == 40
        assert counts[110 + 80, 110 + 67] == 20

    def test_prior_is_the_share_of_the_nearest_bin(self) -> None:
        counts = np.zeros((220, 220))
        counts[110, 110], counts[160, 110] = 3, 1
        prior = bin_prior(counts, np.array([[0.0, 0.0], [50.0, 0.0], [-90.0, 0.0]]))
        assert prior == pytest.approx([0.75, 0.25, 0], abs=1e-6)
        assert prior.min() > 0


class TestExposure:
    def test_nothing_to_vary(self) -> None:
        import torch

        lightness = torch.rand(4, 1, 8, 8) * 100
        same = vary_exposure(lightness, Draws(range(4)), noise=0, tone=0)
        assert torch.allclose(same, lightness, atol=1e-4)

    def test_stays_in_range_and_repeats(self) -> None:
        import torch

        lightness = torch.rand(16, 1, 8, 8) * 100
        one, other = (
            vary_exposure(lightness, Draws(range(16)), noise=20, tone=0.5) for _ in range(2)
        )
        assert torch.equal(one, other)
        assert one.min() >= 0
        assert one.max() <= 100
        changed = (one - lightness).abs().flatten(1).amax(1) > 0.01
        assert 4 < changed.sum() < 16

    def test_each_picture_has_its_own_numbers(self) -> None:
        import torch

        lightness = torch.rand(1, 1, 8, 8).expand(6, 1, 8, 8) * 100
        whole = vary_exposure(lightness, Draws(range(6)), noise=20, tone=0.5)
        parts = [
            vary_exposure(lightness[:n], Draws(seeds), noise=20, tone=0.5)
            for n, seeds in ((2, [0, 1]), (4, [2, 3, 4, 5]))
        ]
        assert torch.equal(whole, torch.cat(parts))
        assert len({picture.sum().item() for picture in whole}) > 3


class TestNames:
    def test_names_come_back(self) -> None:
        names = ["a", "", "ünï", "x" * 300, b"\xe9t\xe9".decode("utf-8", "surrogateescape")]
        stored = Names(names)
        assert [stored[i] for i in range(len(stored))] == names
        assert len(Names([])) == 0

    def test_memory_is_bytes_and_eight_more(self) -> None:
        stored = Names(f"folder/{i:06d}.jpg" for i in range(1000))
        assert len(stored._bytes) + stored._ends.nbytes == 1000 * (17 + 8)

    def test_hidden_files_are_no_pictures(self, folder: Path) -> None:
        (folder / "._00.png").write_bytes(b"resource fork")
        assert len(open_pictures([folder])) == 10


class TestVariants:
    def test_an_epoch_visits_every_picture_in_so_many_variants(self, folder: Path) -> None:
        data = Crops(
            open_pictures([folder]), size=16, augmentation=Augmentation(), seed=0, variants=7
        )
        assert data.epoch == 70
        for epoch in (0, 1):
            visits = [data.picture_at(epoch * 70 + k) for k in range(70)]
            assert sorted(visits) == sorted(list(range(10)) * 7)
        places = [k for k in range(70) if data.picture_at(k) == 3]
        crops_of_one = {data[k].numpy().tobytes() for k in places}
        assert len(crops_of_one) == 7

    def test_one_variant_is_what_was_before(self, folder: Path) -> None:
        order = np.random.default_rng([0, 2]).permutation(10)
        assert [crops(folder).picture_at(20 + k) for k in range(10)] == order.tolist()


def test_large_jpegs_are_reduced_in_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.fromarray(scene(1200, 1600)).save(path, quality=95)
    data = path.read_bytes()
    assert decode(data, "x").size == (1600, 1200)
    assert decode(data, "x", side=200).size == (400, 300)
    assert decode(data, "x", side=5000).size == (1600, 1200)
    small = np.asarray(decode(data, "x", side=200)).astype(int)
    whole = np.asarray(decode(data, "x").resize((400, 300), Image.Resampling.BOX)).astype(int)
    assert np.abs(small - whole).mean() < 1.5
