"""Which metrics were asked for, with which options, and which of them there are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from photochrom.errors import PhotochromError, UnknownName, WrongInput
from photochrom.evaluation.cards import METRICS, build_metric
from photochrom.evaluation.clip_cards import CLIP_METRICS, FUNCTIONS
from photochrom.overrides import set_value


def available_metrics(
    chosen: Sequence[str], options: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Those of the metrics asked for (none: the usual) that there are, and why the others not.

    "all", "usual", "chroma", "hues" and "regions" name several. Raises :class:`UnknownName` for
    others that there are not, and for a network that there is not; :class:`WrongInput` for figures
    of clips and for options that a metric does not take.
    """
    groups = {
        "all": list(METRICS),
        "usual": [name for name in METRICS if METRICS[name].usual],
        "chroma": [name for name in METRICS if name.startswith("rmse-")],
        "hues": [name for name in METRICS if METRICS[name].module.endswith(".hues")],
        "regions": [name for name in METRICS if METRICS[name].module.endswith(".regions")],
    }
    names: list[str] = []
    for word in chosen or ("usual",):
        names += groups.get(word) or [_known(word)]
    names = list(dict.fromkeys(names))
    missing: dict[str, str] = {}
    for name in names:
        try:
            build_metric(name, **(options or {}).get(name, {}))
        except WrongInput:
            raise
        except UnknownName as error:
            # A slip of the pen, not weights that are elsewhere.
            message = f"the metric {name}: {error}"
            raise UnknownName(message) from None
        except PhotochromError as error:
            missing[name] = str(error)
    return tuple(n for n in names if n not in missing), missing


def metric_options(overrides: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Options by metric of texts such as ``recognition.backbone=resnet50``.

    Raises :class:`WrongInput` for another form, :class:`UnknownName` for metrics that are not.
    """
    options: dict[str, dict[str, Any]] = {}
    for text in overrides:
        metric, dot, option = text.partition("=")[0].partition(".")
        if not dot or "." in option:
            message = f"an option of a metric reads metric.option=value, not {text!r}"
            raise WrongInput(message)
        known = _known(metric)
        set_value(options.setdefault(known, {}), text.removeprefix(f"{metric}."))
    return options


def _known(name: str) -> str:
    """The name of a metric of photographs; an error for any other."""
    if name in CLIP_METRICS:
        function = f"photochrom.evaluation.clips.{FUNCTIONS[name]}"
        message = f"{name} is of clips, not of photographs: in Python {function}"
        raise WrongInput(message)
    return METRICS[name].name
