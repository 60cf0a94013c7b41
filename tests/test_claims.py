"""The answers to the documents' claims: other numbers, another sentence; no run, no answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from generator import claims
from generator.claims import NOT_RUN, answers
from generator.findings import at, rank_correlation
from generator.trial import trial_page

Figures = dict[str, float]


def figure(value: float, around: float = 0.1) -> dict[str, Any]:
    # What the absence of a group does differs from system to system.
    without = np.random.default_rng(round(1000 * value)).normal(value, around / 12, 40).tolist()
    return {"value": value, "low": value - around, "high": value + around, "pictures": 100,
            "without": without}  # fmt: skip


def recipe(network: str, **changes: Any) -> dict[str, Any]:
    return {
        "network": {"name": network, "options": changes.get("options", {})},
        "encoder": {"name": changes.get("encoder", ""), "pretrained": changes.get("weights", "")},
        "loss": {"cross-entropy": {"uniform": changes.get("uniform", 1.0)}},
        "resizing": changes.get("resizing"),
    }


def trial(**systems: tuple[dict[str, Any], Figures]) -> dict[str, Any]:
    """A comparison as stored, of systems by name: recipe, and figures or the loss's curve."""
    true = {"colorfulness": 40.0, "hue-histogram": 0.0}
    gray = {"colorfulness": 0.0, "hue-histogram": 90.0}
    rows = [_row("gray", gray), *(_row(n, f) for n, (_, f) in systems.items()), _row("truth", true)]
    costs = {
        name: {
            "images": int(figures.get("images", 1000)),
            "seconds": 600.0,
            "curves": {"validation/loss": [[100.0, 4.0], [200.0, figures.get("loss", 3.0)]]},
        }
        for name, (_, figures) in systems.items()
    }
    asked = {"budget": {"minutes": 10.0, "images": 0}, "overrides": [], "recipes": list(systems)}
    return {
        "rows": rows, "costs": costs, "asked": asked, "unfinished": ["siggraph17"],
        "recipes": {name: made for name, (made, _) in systems.items()},
        "data": {"data": ["photographs"]}, "pictures": 100, "side": 256, "size": 128,
        "metrics": ["colorfulness", "hue-histogram"],
    }  # fmt: skip


def _row(name: str, figures: Figures) -> dict[str, Any]:
    return {
        "method": name, "failed": "", "facts": {"parameters": 1000}, "milliseconds": 5.0,
        "figures": {metric: figure(value) for metric, value in figures.items()},
    }  # fmt: skip


def test_what_was_not_run_has_no_answer() -> None:
    assert {text for _, _, text in answers([], {})} == {NOT_RUN}
    lonely = trial(fusion=(recipe("fusion"), {}))
    assert {text for _, _, text in answers([lonely], {})} == {NOT_RUN}


@pytest.mark.parametrize(("loss", "start"), [(3.5, "Yes:"), (2.5, "No,"), (3.001, "Image by")])
def test_fusion(loss: float, start: str) -> None:
    found = trial(
        fused=(recipe("fusion", options={"fuse": True}), {"loss": loss, "images": 700.0}),
        plain=(recipe("fusion", options={"fuse": False}), {"loss": 3.0}),
    )
    text = claims.fusion([found], {}) or ""
    assert text.startswith(start)
    assert "after 200 images" in text
    rates = {"pace": {"rates": {"fused": 5.0, "plain": 9.5}, "overrides": []}}
    paced = claims.fusion([found], rates) or ""
    assert paced.endswith("5.0 images with it, 9.5 without: it works at 53% of the speed.")
    found["recipes"]["fused"]["encoder"]["pretrained"] = "none"
    assert (claims.fusion([found], rates) or "").endswith("joins was untrained.")


@pytest.mark.parametrize(
    ("weighted", "hues", "start"),
    [
        (35.0, 10.0, "Yes:"),
        (25.0, 10.0, "They help, and do not cure it:"),
        (35.0, 30.0, "In part:"),
        (35.0, 20.0, "In part:"),
        (5.0, 30.0, "No:"),
    ],
)
def test_sepia(weighted: float, hues: float, start: str) -> None:
    found = trial(
        weighted=(
            recipe("colorunet", uniform=0.5),
            {"colorfulness": weighted, "hue-histogram": hues, "auc": 88.0},
        ),
        plain=(recipe("colorunet"), {"colorfulness": 15.0, "hue-histogram": 20.0, "auc": 89.0}),
    )
    text = claims.sepia([found], {}) or ""
    assert text.startswith(start)
    assert "at a cost in AuC (88.00 ± 0.10, 89.00 ± 0.10)" in text


def test_a_run_without_colors_has_no_hues_that_are_right() -> None:
    found = trial(
        weighted=(recipe("colorunet", uniform=0.5), {"colorfulness": 5.0, "auc": 89.0}),
        plain=(
            recipe("colorunet"), {"colorfulness": 15.0, "hue-histogram": 20.0, "auc": 88.0}
        ),
    )  # fmt: skip
    assert (claims.sepia([found], {}) or "").startswith("No:")


def test_sepia_is_judged_without_rebalancing_where_that_was_judged() -> None:
    plain = {"colorfulness": 15.0, "hue-histogram": 20.0, "auc": 88.0}
    found = trial(
        weighted=(recipe("colorunet", uniform=0.5), plain),
        plain=(recipe("colorunet"), plain),
    )
    found["rows"].insert(
        1, _row("weighted@0:1", plain | {"colorfulness": 39.0, "hue-histogram": 1.0})
    )
    text = claims.sepia([found], {}) or ""
    assert text.startswith("Yes:")
    assert "`weighted@0:1` and `plain`" in text


@pytest.mark.parametrize(("colors", "start"), [((5.0, 20.0), "Yes:"), ((20.0, 5.0), "No:")])
def test_dullest(colors: tuple[float, float], start: str) -> None:
    found = trial(
        cnn=(recipe("cnn"), {"ab-rmse": 10.0, "colorfulness": colors[0]}),
        other=(recipe("eccv16"), {"ab-rmse": 12.0, "colorfulness": colors[1]}),
        third=(recipe("fusion"), {"ab-rmse": 14.0, "colorfulness": 30.0}),
    )
    text = claims.dullest([found], {}) or ""
    assert text.startswith(start)
    assert ("+1.00" in text) == (start == "Yes:")


def test_that_the_dullest_has_not_the_lowest_error_may_be_in_doubt() -> None:
    found = trial(
        cnn=(recipe("cnn"), {"ab-rmse": 10.0, "colorfulness": 20.0}),
        other=(recipe("eccv16"), {"ab-rmse": 10.05, "colorfulness": 5.0}),
        third=(recipe("fusion"), {"ab-rmse": 14.0, "colorfulness": 30.0}),
    )
    assert (claims.dullest([found], {}) or "").startswith("No, though not beyond doubt:")


@pytest.mark.parametrize(("error", "start"), [(10.0, "Yes:"), (14.0, "No:")])
def test_by_eye(error: float, start: str) -> None:
    found = trial(
        cnn=(recipe("cnn"), {"ab-rmse": error, "colorfulness-difference": 20.0}),
        half=(recipe("resnet18-half"), {"ab-rmse": 12.0, "colorfulness-difference": 10.0}),
    )
    assert (claims.by_eye([found], {}) or "").startswith(start)
    even, uneven, other = (
        {"pace": {"rates": {"cnn": 10.0, "half": rate}, "overrides": overrides}}
        for rate, overrides in ((9.0, []), (1.0, []), (1.0, ["data.size=64"]))
    )
    assert "beware" not in (claims.by_eye([found], even) or "")
    assert "beware" not in (claims.by_eye([found], other) or "")
    assert "`cnn` and `half` are 2 and 17 minutes" in (claims.by_eye([found], uneven) or "")


@pytest.mark.parametrize(("auc", "start"), [(91.0, "Yes:"), (89.0, "No:"), (90.1, "It makes no")])
def test_resizing(auc: float, start: str) -> None:
    grows = {"initial_scale": 0.5}
    found = trial(
        growing=(recipe("hybrid-unet", resizing=grows), {"auc": auc, "images": 1500.0}),
        fixed=(recipe("hybrid-unet", resizing={"initial_scale": 1.0}), {"auc": 90.0}),
    )
    text = claims.resizing([found], {}) or ""
    assert text.startswith(start)
    assert "(1,500 images)" in text
    rates = {"pace": {"rates": {"growing": 1.0, "fixed": 2.0}, "overrides": []}}
    text = claims.resizing([found], rates) or ""
    assert "(1,500 images, 25 minutes)" in text
    assert text.endswith("the images of `growing` and `fixed` are 25 and 8 minutes.")


@pytest.mark.parametrize(
    ("error", "start"), [(0.1, "`vgg19`:"), (0.9, "`vgg16`:"), (0.45, "`vgg19`, though")]
)
def test_backbone(error: float, start: str) -> None:
    found = trial(
        a=(recipe("vgg-residual", encoder="vgg16"), {"uv-error": 0.5}),
        b=(recipe("vgg-residual", encoder="vgg19"), {"uv-error": error}),
    )
    text = claims.backbone([found], {}) or ""
    assert text.startswith(start)
    assert text.endswith("Not run yet: alexnet, resnet18.")
    assert "vgg16 0.50000 (1,000 images)" in text
    rates = {"pace": {"rates": {"a": 2.0, "b": 1.0}, "overrides": []}}
    # Only if the better one had more time.
    assert ("But beware" in (claims.backbone([found], rates) or "")) == (error < 0.5)


@pytest.mark.parametrize(
    ("bins", "verdict"),
    [
        ((60.0, 60.0, 10.0), "classification"),
        ((40.0, 40.0, 30.0), "regression"),
        ((60.0, 40.0, 20.0), "no clear winner"),
    ],
)
def test_classification_on_every_set(bins: tuple[float, ...], verdict: str) -> None:
    metrics = ("u-accuracy", "v-accuracy", "saturation-difference")
    found = trial(
        uv=(recipe("vgg-residual", encoder="vgg16"), dict(zip(metrics, (50, 50, 20), strict=True))),
        bins=(recipe("vgg-bins", encoder="vgg16"), dict(zip(metrics, bins, strict=True))),
    )
    scenes = found | {"data": {"data": ["cvcl"]}}
    text = claims.classification([found, scenes], {}) or ""
    assert text.count(f": {verdict} (") == 2
    assert "on cvcl" in text


@pytest.mark.parametrize(
    ("cold", "start"),
    [((40.0, 88.0), "It trades"), ((40.0, 95.0), "Colder is more vivid, at"),
     ((10.0, 88.0), "Colder is further off"), ((10.0, 95.0), "Colder is neither")],
)  # fmt: skip
def test_temperature(cold: tuple[float, float], start: str) -> None:
    rows = [
        {"temperature": 1.0, "colorfulness": 25.0, "auc": 90.0, "rebalanced-auc": 70.0},
        {"temperature": 0.1, "colorfulness": cold[0], "auc": cold[1], "rebalanced-auc": 75.0},
    ]
    text = (
        claims.temperature(
            [], {"temperature": {"rows": rows, "model": "photochrom", "rebalance": 0.5}}
        )
        or ""
    )
    assert text.startswith(start)


def test_systems_of_different_sets_are_not_compared() -> None:
    metrics = dict.fromkeys(("u-accuracy", "v-accuracy", "saturation-difference"), 50.0)
    made = {kind: recipe(kind, encoder="vgg16") for kind in ("vgg-residual", "vgg-bins")}
    apart = {
        "r on photos": (made["vgg-residual"], metrics),
        "b on cvcl": (made["vgg-bins"], metrics),
    }
    sets = {"data": {"photos": ["photos"], "cvcl": ["cvcl"]}}
    assert claims.classification([trial(**apart) | sets], {}) is None
    together = apart | {"r on cvcl": (made["vgg-residual"], metrics)}
    text = claims.classification([trial(**together) | sets], {}) or ""
    assert text.startswith("Trained on cvcl: no clear winner")
    assert "photos" not in text


def test_systems_of_different_trials_are_not_compared() -> None:
    one = trial(fused=(recipe("fusion", options={"fuse": True}), {}))
    other = trial(plain=(recipe("fusion", options={"fuse": False}), {}))
    assert claims.fusion([one, other], {}) is None


def test_the_page_shows_gray_truth_cost_and_what_is_missing() -> None:
    found = trial(cnn=(recipe("cnn"), {"colorfulness": 12.0, "hue-histogram": 30.0}))
    page = trial_page({"trial": found})
    assert "| cnn | 12.00 ± 0.10 | 30.00 ± 0.10 | 1,000 | – | 5 | 1,000 |" in page
    other = {"rates": {"cnn": 9.0}, "overrides": ["data.size=64"]}
    own = {"rates": {"cnn": 2.0}, "overrides": []}
    paced = trial_page({"trial": found, "pace": other, "pace-of-it": own})
    assert "| cnn | 12.00 ± 0.10 | 30.00 ± 0.10 | 1,000 | 8 | 5 | 1,000 |" in paced
    assert "What the runs saw takes 8 to 8 minutes." in paced
    assert "| gray | 0.00" in page
    assert "| truth | 40.00" in page
    assert "Not run yet: siggraph17" in page
    found["asked"]["budget"] = {"minutes": 0.0, "images": 1000}
    by_images = trial_page({"trial": found})
    assert "| cnn | 12.00 ± 0.10 | 30.00 ± 0.10 | 1,000 | 10 | 5 | 1,000 |" in by_images
    assert "10 minutes each" in page


def test_curves_and_ranks_by_hand() -> None:
    assert at([(0, 4.0), (10, 2.0)], 5) == 3.0
    assert at([(10, 2.0)], 5) == 2.0
    assert rank_correlation([(1, 5.0), (2, 6.0), (3, 9.0)]) == 1
    assert rank_correlation([(1, 9.0), (2, 6.0), (3, 5.0)]) == -1
