"""Film: what emulsions, papers, years and scanners may and may not do to a picture's lightness."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from photochrom.color.spaces import linear_rgb_to_rgb, luma_to_lightness, rgb_to_lab
from photochrom.data import film_damage as damage
from photochrom.data.draws import Draws
from photochrom.data.exposure import training_lightness
from photochrom.data.film import film_lightness
from photochrom.data.film_config import Film
from photochrom.data.film_response import draw_weights, fade, tone
from photochrom.data.film_stocks import EYE, STOCKS, expose, gray_on, meter
from tests.conftest import scene

ON = Film(probability=1.0)
NOTHING = Film(
    1.0, response=0, tone=0, vignette=0, blur=0, grain=0, fading=0, scratches=0, jpeg=100
)


def draws(count: int, seed: int = 0) -> Draws:
    return Draws(range(1000 * seed, 1000 * seed + count))


def noise_of(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def rgb() -> torch.Tensor:
    pictures = [scene(41, 50, seed=i).transpose(2, 0, 1) for i in range(12)]
    return torch.from_numpy(np.stack(pictures)).float() / 255


@pytest.fixture(scope="module")
def lightness(rgb: torch.Tensor) -> torch.Tensor:
    return rgb_to_lab(rgb)[:, :1]


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(-1, 1, 1, 1)


def flat(color: tuple[float, float, float]) -> torch.Tensor:
    return torch.tensor(color).reshape(1, 3, 1, 1).expand(1, 3, 8, 8)


class TestResponse:
    def test_gray_stays_the_same_gray(self) -> None:
        levels = torch.linspace(0, 1, 256).reshape(1, 1, 16, 16)
        weights = draw_weights(draws(64), response=1)
        exposure = expose(levels.expand(64, 3, 16, 16), weights)
        by_eye = expose(levels.expand(1, 3, 16, 16), torch.tensor([EYE]))
        metered = meter(exposure, by_eye.mean((1, 2, 3), keepdim=True))
        seen = luma_to_lightness(linear_rgb_to_rgb(metered))
        expected = rgb_to_lab(levels.expand(1, 3, 16, 16))[:, :1]
        assert (seen - expected).abs().max() < 1e-3

    def test_the_eye_sees_l(self, rgb: torch.Tensor, lightness: torch.Tensor) -> None:
        exposure = expose(rgb, torch.tensor([EYE]))
        assert torch.allclose(luma_to_lightness(linear_rgb_to_rgb(exposure)), lightness, atol=1e-3)

    def test_orthochromatic_makes_red_dark_and_blue_bright(self) -> None:
        ortho, eye = (torch.tensor([w]) for w in (STOCKS["orthochromatic"], EYE))
        red, blue = flat((1.0, 0.0, 0.0)), flat((0.0, 0.0, 1.0))
        assert expose(red, ortho).max() < 0.2 * expose(red, eye).min()
        assert expose(blue, ortho).min() > 3 * expose(blue, eye).max()
        assert expose(blue, torch.tensor([STOCKS["blue-sensitive"]])).min() > 0.8

    def test_gray_for_judges_is_the_same_film(self) -> None:
        picture = scene(24, 32, seed=3).transpose(2, 0, 1)
        rgb = torch.tensor(picture[None] / 255)
        exposed, eye = (expose(rgb, w) for w in ([STOCKS["orthochromatic"]], [EYE]))
        metered = linear_rgb_to_rgb(meter(exposed, eye.mean((1, 2, 3), keepdim=True)))
        gray = gray_on("orthochromatic", picture)
        assert gray.shape == (24, 32)
        assert np.abs(gray - 255 * metered[0, 0].numpy()).max() < 0.51
        level = np.full((3, 8, 8), 77, dtype=np.uint8)
        assert (gray_on("blue-sensitive", level) == 77).all(), "gray stays what it is"

    def test_weights_are_mixes(self) -> None:
        weights = draw_weights(draws(3000), response=1)
        assert weights.min() >= 0
        assert (weights.sum(1) - 1).abs().max() < 1e-5
        # Films of every kind are met: blind to red, to all but blue, and red-sighted.
        assert ((weights[:, 0] < 0.06).float().mean() > 0.05).item()
        assert ((weights[:, 2] > 0.7).float().mean() > 0.05).item()
        assert ((weights[:, 0] > 0.6).float().mean() > 0.05).item()
        none = draw_weights(draws(50), response=0)
        assert torch.allclose(none, torch.tensor([EYE]).expand(50, 3), atol=1e-6)

    def test_metering_keeps_order_ends_and_fitting_pictures(self) -> None:
        ramp = torch.linspace(0, 1, 64).reshape(1, 1, 8, 8)
        for brightness in (0.02, 0.3, 0.9):
            metered = meter(ramp, column(brightness))
            assert (metered.flatten().diff() > 0).all()
            assert metered.min() == 0
            assert metered.max() == pytest.approx(1)
        assert torch.allclose(meter(ramp, column(ramp.mean().item())), ramp, atol=1e-6)
        dark = meter(ramp * 0.2, column(0.3))
        assert (ramp * 0.2).mean() < dark.mean() < 0.35

    @pytest.mark.parametrize("toe", [0.5, 1.0, 1.8])
    @pytest.mark.parametrize("shoulder", [0.5, 1.0, 1.8])
    def test_tone_rises_from_black_to_white(self, toe: float, shoulder: float) -> None:
        ramp = torch.linspace(0, 100, 400).reshape(1, 1, 20, 20)
        curve = tone(ramp, column(toe), column(shoulder)).flatten()
        assert (curve.diff() > 0).all()
        assert curve[0] == 0
        assert curve[-1] == 100
        if toe == shoulder == 1:
            assert torch.allclose(curve, ramp.flatten(), atol=1e-4)

    def test_a_toe_presses_shadows_and_a_shoulder_lights(self) -> None:
        near = torch.tensor([5.0, 95.0]).reshape(1, 1, 1, 2)
        shadows = tone(near, column(1.8), column(1.0))[0, 0, 0]
        lights = tone(near, column(1.0), column(1.8))[0, 0, 0]
        assert shadows[0] < 2.5
        assert 100 - lights[1] < 2.5

    def test_fading_keeps_order(self) -> None:
        ramp = torch.linspace(0, 100, 100).reshape(1, 1, 10, 10)
        faded = fade(ramp, column(12.0), column(80.0)).flatten()
        assert (faded.diff() > 0).all()
        assert faded[0] == 12
        assert faded[-1] == pytest.approx(80)


class TestDamage:
    def test_vignette_darkens_corners_only_ever(self) -> None:
        white = torch.ones(2, 1, 40, 60)
        dark = damage.vignette(white, column(0.0, 0.5), torch.zeros(2, 2, 1, 1))
        assert (dark[0] == 1).all()
        assert dark[1, 0, 20, 30] > 0.99
        assert dark[1, 0, 0, 0] == dark[1].min()
        assert dark[1].max() <= 1

    def test_blur_keeps_flats_and_the_mean(self, lightness: torch.Tensor) -> None:
        flat_gray = torch.full((3, 1, 20, 20), 37.0)
        blurred = damage.blur(flat_gray, column(0.0, 0.7, 2.0), largest=2.0)
        assert torch.allclose(blurred, flat_gray, atol=1e-4)
        noise = noise_of(3, 1, 64, 64)
        deviations = damage.blur(noise, column(0.0, 0.7, 2.0), largest=2.0).std((1, 2, 3))
        assert deviations[0] == pytest.approx(noise[0].std().item(), rel=1e-4)
        assert deviations[0] > deviations[1] > deviations[2]

    def test_grain_has_its_deviation_whatever_its_size(self) -> None:
        middle = torch.full((3, 1, 200, 200), 50.0)
        noise = noise_of(*middle.shape)
        grains = damage.grain(middle, noise, column(5.0), column(0.0, 0.6, 1.0)) - middle
        assert grains.std((1, 2, 3)).tolist() == pytest.approx([5, 5, 5], rel=0.1)
        neighbors = (grains[..., 1:] * grains[..., :-1]).mean((1, 2, 3)) / 25
        assert neighbors[0].abs() < 0.05
        assert 0.2 < neighbors[1] < neighbors[2]
        dark = damage.grain(middle * 0, noise, column(5.0), column(0.0, 0.0, 0.0))[0].std()
        assert dark < 0.5 * grains[0].std()

    def test_scratches_cover_little_and_differ(self) -> None:
        gray = torch.full((40, 1, 64, 64), 50.0)
        worn = damage.scratch(gray, draws(40), column(1.0))
        touched = ((worn - 50).abs() > 5).float().mean((1, 2, 3))
        assert 0.001 < touched.mean() < 0.1
        assert touched.max() < 0.3
        assert worn.min() >= 0
        assert worn.max() <= 100
        assert (damage.scratch(gray, draws(40), column(0.0)) == gray).all()

    def test_compression_is_that_of_a_jpeg(self) -> None:
        import io

        from PIL import Image

        photo = np.asarray(Image.fromarray(scene(64, 72, seed=3)).convert("L"))
        picture = torch.from_numpy(photo.copy()).float().reshape(1, 1, 64, 72) / 2.55
        errors = []
        for quality in (10, 30, 75):
            file = io.BytesIO()
            Image.fromarray(photo).save(file, "JPEG", quality=quality)
            theirs = torch.from_numpy(np.asarray(Image.open(file)).copy()).float() / 2.55
            ours = damage.compress(picture, column(float(quality)))
            errors.append((ours - picture).abs().mean().item())
            assert (ours[0, 0] - theirs).abs().mean() < 0.25 * errors[-1] + 0.25
        assert errors[0] > errors[1] > errors[2]

    def test_compression_of_odd_sizes(self) -> None:
        picture = noise_of(2, 1, 13, 21) * 20 + 50
        assert damage.compress(picture, column(50.0)).shape == picture.shape


class TestFilm:
    def test_off_is_the_lightness_itself(self, rgb: torch.Tensor, lightness: torch.Tensor) -> None:
        used, unused = draws(12), draws(12)
        assert film_lightness(rgb, lightness, used, Film()) is lightness
        assert torch.equal(used.uniform(1), unused.uniform(1)), "it must not draw"
        assert Film().probability == 0
        same = training_lightness(rgb[:, None], lightness, used, film=Film(), noise=0, tone=0)
        assert same is lightness

    def test_without_strength_nothing_changes(
        self, rgb: torch.Tensor, lightness: torch.Tensor
    ) -> None:
        seen = film_lightness(rgb, lightness, draws(12), NOTHING)
        assert (seen - lightness).abs().max() < 1e-2

    @pytest.mark.parametrize(
        "name", sorted({f.name for f in dataclasses.fields(Film)} - {"probability", "damage"})
    )
    def test_every_strength_does_something(
        self, rgb: torch.Tensor, lightness: torch.Tensor, name: str
    ) -> None:
        one = dataclasses.replace(NOTHING, **{name: getattr(ON, name)})
        changed = (film_lightness(rgb, lightness, draws(12), one) - lightness).abs()
        per_picture = changed.amax((1, 2, 3))
        assert (per_picture > 1).float().mean() > 0.2
        if name != "response":
            assert (per_picture < 0.1).any(), "it must spare some pictures"

    def test_undamaged_film_is_the_response_alone(
        self, rgb: torch.Tensor, lightness: torch.Tensor
    ) -> None:
        clean = film_lightness(rgb, lightness, draws(12), dataclasses.replace(ON, damage=0))
        alone = film_lightness(rgb, lightness, draws(12), dataclasses.replace(NOTHING, response=1))
        assert torch.equal(clean, alone)
        assert not torch.equal(clean, film_lightness(rgb, lightness, draws(12), ON))

    def test_damage_is_the_share_of_each_effect(
        self, rgb: torch.Tensor, lightness: torch.Tensor
    ) -> None:
        many = rgb[:1].expand(200, -1, -1, -1), lightness[:1].expand(200, -1, -1, -1)
        grainy = dataclasses.replace(NOTHING, grain=9, damage=0.2)
        changed = film_lightness(*many, draws(200), grainy) - many[1]
        assert 0.1 < (changed.abs().amax((1, 2, 3)) > 0.5).float().mean() < 0.3

    def test_draws_repeat(self, rgb: torch.Tensor, lightness: torch.Tensor) -> None:
        one, again, other = (film_lightness(rgb, lightness, draws(12, s), ON) for s in (1, 1, 2))
        assert torch.equal(one, again)
        assert not torch.equal(one, other)

    def test_a_picture_looks_the_same_in_any_batch(
        self, rgb: torch.Tensor, lightness: torch.Tensor
    ) -> None:
        # A multiple of 16 pixels each: the last numbers of other arrays are rounded otherwise.
        rgb, lightness = rgb[..., :40, :48], lightness[..., :40, :48]
        whole = film_lightness(rgb, lightness, draws(12), ON)
        parts = [
            film_lightness(rgb[a:b], lightness[a:b], Draws(range(a, b)), ON)
            for a, b in ((0, 1), (1, 5), (5, 12))
        ]
        assert torch.equal(whole, torch.cat(parts))

    def test_share_of_pictures(self, rgb: torch.Tensor, lightness: torch.Tensor) -> None:
        many, light = (
            rgb.repeat(20, 1, 1, 1)[..., :9, :9],
            lightness.repeat(20, 1, 1, 1)[..., :9, :9],
        )
        seen = film_lightness(many, light, draws(240), dataclasses.replace(ON, probability=0.3))
        plain = (seen == light).flatten(1).all(1).float().mean()
        assert 0.6 < plain < 0.8

    @pytest.mark.parametrize("level", [0.0, 1.0])
    def test_black_and_white_stay_finite_and_in_range(self, level: float) -> None:
        rgb = torch.full((64, 3, 17, 23), level)
        seen = film_lightness(rgb, rgb_to_lab(rgb)[:, :1], draws(64), ON)
        assert torch.isfinite(seen).all()
        assert seen.min() >= 0
        assert seen.max() <= 100

    def test_colors_outside_grays_stay_in_range(
        self, rgb: torch.Tensor, lightness: torch.Tensor
    ) -> None:
        for seed in range(5):
            seen = film_lightness(rgb, lightness, draws(12, seed), ON)
            assert seen.min() >= 0
            assert seen.max() <= 100

    def test_autocast_does_not_coarsen_it(self, rgb: torch.Tensor, lightness: torch.Tensor) -> None:
        plain = film_lightness(rgb, lightness, draws(12), ON)
        with torch.autocast("cpu", torch.bfloat16):
            cast = film_lightness(rgb, lightness, draws(12), ON)
        assert (cast - plain).abs().max() < 1e-3
