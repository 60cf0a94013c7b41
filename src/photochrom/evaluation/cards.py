"""What is known of each metric without computing it."""

from __future__ import annotations

import importlib
import math
from functools import partial
from typing import Any

from photochrom.errors import MissingExtra, ModelError, NotDownloaded, WrongInput
from photochrom.evaluation import blotches, hues, regions
from photochrom.evaluation.metric import Metric, MetricCard
from photochrom.registry import Registry, check_options

METRICS: Registry[MetricCard] = Registry("metric")
_PERCENT = (0.0, 100.0)
_BINS_ONLY = "only of models that classify colors into bins of ab"


def _add(name: str, module: str, **facts: Any) -> None:
    METRICS.add(name, MetricCard(name=name, module=f"photochrom.evaluation.{module}", **facts))


_add(
    "auc",
    "auc",
    title="AuC",
    better="higher",
    bounds=_PERCENT,
    source="Zhang et al. 2016, 3.1: share of pixels within an ab distance, mean over 0..150, in %",
)
_add(
    "rebalanced-auc",
    "auc",
    title="rAuC",
    better="higher",
    bounds=_PERCENT,
    source=(
        "AuC with every color cell of 10 x 10 that holds more than 1 pixel in 10,000 of the set "
        "weighing alike; Zhang et al. 2016 weigh by a smoothed prior over ImageNet instead"
    ),
)
_add(
    "ab-rmse",
    "ab_error",
    title="RMSE",
    better="lower",
    source="root of ab-mse, Lab units",
)
_add(
    "ab-mse",
    "ab_error",
    title="MSE",
    better="lower",
    source="mean squared error per ab value over all pixels of the set, squared Lab units",
    usual=False,
)
_add(
    "ciede2000",
    "ciede2000",
    title="ΔE00",
    better="lower",
    source="Sharma et al. 2005: CIEDE2000 of Lab (D65, 2 degrees), mean over pixels, then pictures",
)
_add(
    "psnr",
    "psnr",
    title="PSNR",
    better="higher",
    bounds=(0.0, 100.0),
    source="10 log10(255² / MSE) of RGB, mean over pictures; at most 100 dB, also of equal ones",
)
_add(
    "ssim",
    "ssim",
    title="SSIM",
    better="higher",
    bounds=(-1.0, 1.0),
    digits=4,
    source="Wang et al. 2004: Gaussian windows of 11 x 11, sigma 1.5; mean over R, G and B",
)
_add(
    "ms-ssim",
    "ssim",
    title="MS-SSIM",
    better="higher",
    bounds=(-1.0, 1.0),
    digits=4,
    source="Wang et al. 2003: five scales; mean over R, G and B; sides of 176 pixels or more",
    usual=False,
    silent="only of pictures with sides of 176 pixels or more",
)
for _prefix, _mark, _form in (
    ("", "", "Hasler and Suesstrunk 2003, signed opponent channels as printed"),
    (
        "absolute-",
        " abs.",
        "the opponent channels' absolute values, as the code of DDColor and CT2",
    ),
):
    _add(
        f"{_prefix}colorfulness",
        "colorfulness",
        title=f"CF{_mark}",
        better="truth",
        source=f"{_form}; mean over pictures",
        usual=not _prefix,
    )
    _add(
        f"{_prefix}colorfulness-difference",
        "colorfulness",
        title=f"|ΔCF|{_mark}",
        better="lower",
        source=f"mean over pictures of the difference of {_prefix}colorfulness from the truth's",
        usual=not _prefix,
    )
    _add(
        f"{_prefix}colorfulness-difference-of-means",
        "colorfulness",
        title=f"ΔCF{_mark}",
        better="lower",
        source=f"difference of the means of {_prefix}colorfulness, in which errors even out",
        usual=not _prefix,
    )
_add(
    "hue-histogram",
    "histograms",
    title="hues",
    better="lower",
    bounds=(0.0, 180.0),
    source=(
        "earth mover's distance on the circle (Rabin et al. 2011) of the set's hues, predicted and "
        "true, of pixels with a chroma above 10, weighted by chroma; degrees"
    ),
    silent="only where the result and the truth have pixels with a chroma above 10",
)
_add(
    "chroma-histogram",
    "histograms",
    title="chromas",
    better="lower",
    source=(
        "earth mover's distance (Rubner et al. 2000) of the set's chromas, predicted and true; "
        "Lab units"
    ),
)
for _card in (*hues.CARDS, blotches.CARD):
    METRICS.add(_card.name, _card)
for _name, _title, _range in (
    ("rmse-grayish", "RMSE 0-10", "below 10"),
    ("rmse-muted", "RMSE 10-20", "of 10 to 20"),
    ("rmse-colorful", "RMSE 20-40", "of 20 to 40"),
    ("rmse-vivid", "RMSE 40+", "of 40 or more"),
):
    _add(
        _name,
        "ab_error",
        title=_title,
        better="lower",
        source=f"ab-rmse over the pixels with a true chroma {_range}",
        usual=_name == "rmse-vivid",
    )
_add(
    "uv-error",
    "uv",
    title="L_reg",
    better="lower",
    digits=5,
    source="Hsu and Shiau 2016, 2.7: squared differences of U and of V (BT.601), mean over pixels",
    usual=False,
)
for _channel in "UV":
    _add(
        f"{_channel.lower()}-accuracy",
        "uv",
        title=f"Acc_{_channel}",
        better="higher",
        bounds=_PERCENT,
        source=f"Hsu and Shiau 2016, 2.7: pixels in the right one of 50 bins of {_channel}, in %",
        usual=False,
    )
_add(
    "saturation-difference",
    "uv",
    title="Sat. diff.",
    better="lower",
    source="Hsu and Shiau 2016, 2.7: deviation of a picture's summed saturation (HSV's), in %",
    usual=False,
)
for _name, _what in (
    ("top-1", "whose most probable bin is the one nearest to the true ab"),
    ("top-5", "whose true bin is among the five most probable ones"),
):
    _add(
        _name,
        "bin_accuracy",
        title=_name,
        better="higher",
        bounds=_PERCENT,
        source=f"places {_what}, in %; logits only",
        usual=False,
        silent=_BINS_ONLY,
    )
_add(
    "cross-entropy",
    "bin_accuracy",
    title="entropy",
    better="lower",
    digits=3,
    source="-log p of the true bin in nats, mean over places, then pictures; logits only",
    usual=False,
    silent=_BINS_ONLY,
)
for _card in regions.CARDS:
    METRICS.add(_card.name, _card)
_add(
    "lpips",
    "lpips",
    title="LPIPS",
    better="lower",
    digits=4,
    source="Zhang et al. 2018, version 0.1 with AlexNet, mean over pictures",
    usual=False,
    weights="AlexNet (torchvision)",
)
_add(
    "fid",
    "fid",
    title="FID",
    better="lower",
    source=(
        "Heusel et al. 2017, of the whole set; depends on the network and on the number of "
        "pictures, and is refused under 5,000 unless forced"
    ),
    usual=False,
    weights="Inception v3 of 2015 (torch-fidelity)",
)
_add(
    "kid",
    "kid",
    title="KID",
    better="lower",
    bounds=(-math.inf, math.inf),
    source=(
        "Binkowski et al. 2018, times 1,000, unbiased, of the whole set: 0 of real photographs; "
        "depends on the network; --set kid.backbone=mobilenetv2_100 and kid.path=FILE take another"
    ),
    usual=False,
    weights="Inception v3 of 2015 (torch-fidelity), or any network of timm",
)
_add(
    "recognition",
    "recognition",
    title="recognized",
    better="higher",
    bounds=_PERCENT,
    source=(
        "Zhang et al. 2016, 3.2: a classifier's answer is its answer on the true picture, in %"
    ),
    usual=False,
    weights="VGG16 (timm)",
)


def build_metric(name: str, **options: Any) -> Metric:
    """Build the metric ``name``; metrics with weights take options, such as the ``path`` of a file.

    Raises:
        UnknownName: there is no such metric.
        ModelError: it needs weights that cannot be had; the text can stand in a table.
        MissingExtra: it needs torch.
        WrongInput: it has no such option.
    """
    card = METRICS[name]
    try:
        build = importlib.import_module(card.module).build
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtra("train", f"the metric {name}") from error
    try:
        check_options(partial(build, name), options)
    except WrongInput as error:
        message = f"the metric {name} takes no such options: {error}"
        raise WrongInput(message) from None
    try:
        metric: Metric = build(name, **options)
    except NotDownloaded as error:
        message = f"weights not available: {error}; give them as --set {name}.path=FILE"
        raise ModelError(message) from error
    return metric
