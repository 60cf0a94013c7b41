"""The claims of the documents that photochrom is built from, answered by published trials.

Every sentence is computed: other numbers give another answer, and what was not run has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.findings import (
    System,
    Trial,
    apart,
    at,
    minutes,
    pairs,
    rank_correlation,
    rates_of,
    spent,
    systems,
    truth,
    uneven,
)
from generator.markdown import with_interval

NOT_RUN = "*not run yet*"
LOSS = "validation/loss"
SAME_LOSS = 0.01
"""Losses that differ by less, as a share, count as equal."""
CURED = 0.2
"""Share of the truth's colorfulness that may still be missing."""
BACKBONES = ("vgg16", "vgg19", "alexnet", "resnet18")

Results = Mapping[str, Any]
Answer = Callable[[Sequence[Trial], Results], str | None]


def answers(trials: Sequence[Trial], results: Results) -> list[tuple[str, str, str]]:
    """Document, question and answer of every claim, in the documents' order."""
    return [(doc, text, answer(trials, results) or NOT_RUN) for doc, text, answer in CLAIMS]


def resizing(trials: Sequence[Trial], results: Results) -> str | None:
    """Crops that grow beside crops of one size."""
    found = list(pairs(trials, lambda s: s.network == "hybrid-unet" and _grows(s),
                       lambda s: s.network == "hybrid-unet" and not _grows(s)))  # fmt: skip
    if not found:
        return None
    grown, plain = found[0]
    order = apart(grown, plain, "auc")
    verdict = ("It makes no difference that these pictures show", "Yes", "No")[order]
    return (
        f"{verdict}: AuC {_figure(grown, 'auc')} with growing crops ({spent(grown, results)}), "
        f"{_figure(plain, 'auc')} without ({spent(plain, results)}).{uneven(grown, plain, results)}"
    )


def _grows(system: System) -> bool:
    part = system.recipe.get("resizing")
    return part is not None and part["initial_scale"] < 1


def dullest(trials: Sequence[Trial], results: Results) -> str | None:
    """The order by error beside the order by colorfulness."""
    for trial in trials:
        rated = [
            (error, color, s)
            for s in systems(trial)
            for error, color in [(s.value("ab-rmse"), s.value("colorfulness"))]
            if error is not None and color is not None
        ]
        if len(rated) < 3:
            continue
        lowest, dull = min(rated, key=lambda r: r[0]), min(rated, key=lambda r: r[1])
        related = rank_correlation([r[:2] for r in rated])
        if lowest == dull:
            start = (
                f"Yes: `{lowest[2].name}` has the lowest RMSE, {lowest[0]:.2f}, and the least color"
            )
        else:
            sure = apart(lowest[2], dull[2], "ab-rmse") < 0
            start = (
                f"No{'' if sure else ', though not beyond doubt'}: the lowest RMSE, "
                f"{lowest[0]:.2f}, is that of `{lowest[2].name}` (CF {lowest[1]:.1f}), the dullest "
                f"pictures are `{dull[2].name}`'s (CF {dull[1]:.1f}; RMSE {dull[0]:.2f})"
            )
        return (
            f"{start}. Over {len(rated)} runs the rank correlation of error and "
            f"colorfulness is {related:+.2f}; the truth has CF {truth(trial, 'colorfulness'):.1f}."
        )
    return None


def by_eye(trials: Sequence[Trial], results: Results) -> str | None:
    """The two systems of the second document."""
    found = list(pairs(trials, lambda s: s.network == "cnn",
                       lambda s: s.network == "resnet18-half"))  # fmt: skip
    if not found:
        return None
    cnn, resnet = found[0]
    names = {1: "`resnet18-half`", -1: "`cnn`", 0: "neither"}
    error, dull = (apart(cnn, resnet, m) for m in ("ab-rmse", "colorfulness-difference"))
    verdict = "Yes" if error < 0 and dull > 0 else "No"
    return (
        f"{verdict}: RMSE {_figure(cnn, 'ab-rmse')} of `cnn`, {_figure(resnet, 'ab-rmse')} of "
        f"`resnet18-half` (lower: {names[error]}); colorfulness off by "
        f"{_figure(cnn, 'colorfulness-difference')} and "
        f"{_figure(resnet, 'colorfulness-difference')} (nearer to the truth: {names[dull]})."
        f"{uneven(cnn, resnet, results)}"
    )


def fusion(trials: Sequence[Trial], results: Results) -> str | None:
    """Loss after as many images, and the images of the budget."""
    found = list(pairs(trials, lambda s: s.network == "fusion" and s.option("fuse", True),
                       lambda s: s.network == "fusion" and not s.option("fuse", True)))  # fmt: skip
    if not found:
        return None
    fused, plain = found[0]
    curves = [system.curve(LOSS) for system in (fused, plain)]
    if not all(curves):
        return None
    images = min(curve[-1][0] for curve in curves)
    with_it, without = (at(curve, images) for curve in curves)
    difference = with_it / without - 1
    verdict = "Image by image neither faster nor slower"
    if abs(difference) > SAME_LOSS:
        verdict = "Yes" if difference > 0 else "No, image by image it speeds learning up"
    return (
        f"{verdict}: after {images:,.0f} images the validation loss is {with_it:.3f} with fusion, "
        f"{without:.3f} without.{_paces(fused, plain, results)}{_knows_nothing(fused)}"
    )


def _paces(fused: System, plain: System, results: Results) -> str:
    rates = rates_of(results, fused.trial)
    if not {fused.name, plain.name} <= set(rates):
        return ""
    share = rates[fused.name] / rates[plain.name]
    return (
        f" A second trains {rates[fused.name]:.1f} images with it, {rates[plain.name]:.1f} without:"
        f" it works at {share:.0%} of the speed."
    )


def _knows_nothing(fused: System) -> str:
    if fused.recipe["encoder"]["pretrained"] != "none":
        return ""
    return " What a trained classifier would add is not known: the one that it joins was untrained."


def sepia(trials: Sequence[Trial], results: Results) -> str | None:
    """Weights for rare colors beside none, both as trained."""
    found = list(pairs(trials, lambda s: _uniform(s) < 1, lambda s: _uniform(s) == 1))
    if not found:
        return None
    weighted, plain = (system.calibrated() for system in found[0])
    aim = truth(weighted.trial, "colorfulness") or 0.0
    gaps = [abs((s.value("colorfulness") or 0.0) - aim) for s in (weighted, plain)]
    livelier = gaps[0] < gaps[1] and apart(weighted, plain, "colorfulness") != 0
    # A run without colors has no hues; one that has some is then nearer.
    hues = [s.value("hue-histogram") for s in (weighted, plain)]
    nearer = hues[0] is not None and (
        hues[1] is None or apart(weighted, plain, "hue-histogram") < 0
    )
    verdict = ("No", "In part", "They help, and do not cure it")[livelier + nearer]
    if livelier and nearer and gaps[0] <= CURED * aim:
        verdict = "Yes"
    costs = {1: ", for nothing in AuC", 0: ", at no cost in AuC", -1: ", at a cost in AuC"}
    price = f"{costs[apart(weighted, plain, 'auc')]} ({_figure(weighted, 'auc')}, "
    price += f"{_figure(plain, 'auc')})"
    return (
        f"{verdict}: CF {_figure(weighted, 'colorfulness')} with weights, "
        f"{_figure(plain, 'colorfulness')} without, {aim:.1f} in truth; the hues of the set are "
        f"off by {_figure(weighted, 'hue-histogram')} and {_figure(plain, 'hue-histogram')} "
        f"degrees (`{weighted.name}` and `{plain.name}`){price}."
        f"{uneven(weighted, plain, results)}"
    )


def _uniform(system: System) -> float:
    """Share of the uniform part in the weights of ``colorunet``; above 1 for other networks."""
    if system.network != "colorunet":
        return 2.0
    return float(system.recipe["loss"]["cross-entropy"].get("uniform", 1.0))


def temperature(trials: Sequence[Trial], results: Results) -> str | None:
    """The ends of a sweep."""
    sweep = results.get("temperature")
    if sweep is None:
        return None
    rows = sorted(sweep["rows"], key=lambda row: row["temperature"])
    cold, warm = rows[0], rows[-1]
    livelier = cold["colorfulness"] > warm["colorfulness"]
    worse = cold["auc"] < warm["auc"]
    verdict = {
        (True, True): "It trades: colder is more vivid and further off",
        (True, False): "Colder is more vivid, at no cost",
        (False, True): "Colder is further off and no more vivid",
        (False, False): "Colder is neither more vivid nor further off",
    }[livelier, worse]
    return (
        f"{verdict}. At rebalance {sweep['rebalance']:g}, from T = {warm['temperature']:g} to "
        f"{cold['temperature']:g}, CF goes from {warm['colorfulness']:.1f} to "
        f"{cold['colorfulness']:.1f}, AuC from {warm['auc']:.2f} to {cold['auc']:.2f}, "
        f"rebalanced AuC from {warm['rebalanced-auc']:.2f} to "
        f"{cold['rebalanced-auc']:.2f} (`{sweep['model']}`)."
    )


def backbone(trials: Sequence[Trial], results: Results) -> str | None:
    """The encoders of one network in one trial, by the loss that the document defines."""
    for trial in trials:
        found = {s.encoder: s for s in systems(trial) if s.network == "vgg-residual" and _error(s)}
        if len(found) < 2:
            continue
        order = sorted(found, key=lambda name: _error(found[name]))
        sure = apart(found[order[0]], found[order[1]], "uv-error") != 0
        listed = ", ".join(_backbone(found[name], results) for name in order)
        best = found[order[0]]
        # Less time than the others is only to its credit.
        warnings = [
            uneven(best, found[name], results)
            for name in order[1:]
            if (minutes(best, results) or 0) > (minutes(found[name], results) or 0)
        ]
        missing = [name for name in BACKBONES if name not in found]
        rest = f" Not run yet: {', '.join(missing)}." if missing else ""
        verdict = f"`{order[0]}`" if sure else f"`{order[0]}`, though not beyond doubt"
        return f"{verdict}: squared error of U and V {listed}.{rest}{''.join(warnings)}"
    return None


def _backbone(system: System, results: Results) -> str:
    options = "".join(
        f", {key}={value}" for key, value in system.recipe["network"]["options"].items()
    )
    return f"{system.encoder} {_error(system):.5f} ({spent(system, results)}{options})"


def _error(system: System) -> float:
    return system.value("uv-error") or 0.0


def classification(trials: Sequence[Trial], results: Results) -> str | None:
    """Regression beside classification on every set where both were run."""
    texts = []
    for uv, bins in pairs(trials, lambda s: s.network == "vgg-residual" and s.encoder == "vgg16",
                          lambda s: s.network == "vgg-bins" and s.encoder == "vgg16"):  # fmt: skip
        metrics = (("u-accuracy", 1), ("v-accuracy", 1), ("saturation-difference", -1))
        won = [sign * apart(bins, uv, metric) for metric, sign in metrics]
        verdict = "no clear winner"
        if all(w >= 0 for w in won) and any(won):
            verdict = "classification"
        if all(w <= 0 for w in won) and any(won):
            verdict = "regression"
        figures = "; ".join(
            f"{title} {_figure(uv, metric)} by regression, {_figure(bins, metric)} by classes"
            for title, (metric, _) in zip(("Acc_U", "Acc_V", "Sat. diff."), metrics, strict=True)
        )
        texts.append(
            f"Trained on {', '.join(uv.places)}: {verdict} ({figures}; {_of_gray(uv)}; "
            f"{spent(uv, results)} and {spent(bins, results)}).{uneven(uv, bins, results)}"
        )
    return " ".join(texts) or None


def _of_gray(system: System) -> str:
    """What gray itself would score by the measures of the fourth document."""
    figures = system.trial["rows"][0]["figures"]
    known = {"Acc_U": "u-accuracy", "Acc_V": "v-accuracy"}
    told = [f"{title} {figures[m]['value']:.2f}" for title, m in known.items() if m in figures]
    return f"gray alone has {', '.join(told)}" if told else "gray was not judged by these"


def _figure(system: System, metric: str) -> str:
    found = system.row["figures"].get(metric)
    if found is None:
        return "–"
    return with_interval(found["value"], found["low"], found["high"], 2)


CLAIMS: tuple[tuple[str, str, Answer], ...] = (
    ("Chen et al. (`hybrid-unet`)", "Does progressive resizing pay?", resizing),
    ("Bolker and Prochowski (`cnn`)", "Is the lowest error the dullest picture?", dullest),
    (
        "Bolker and Prochowski (`resnet18-half`)",
        "Does the CNN have the lower error and the residual network the better color?",
        by_eye,
    ),
    ("The recoloring poster (`fusion`)", "Does fusion slow learning?", fusion),
    ("Billaut et al. (`colorunet`)", "Do weights for rare colors cure sepia?", sepia),
    ("Billaut et al. (`colorunet`)", "What does the temperature do?", temperature),
    ("Hsu and Shiau (`vgg-residual`)", "Which backbone is best?", backbone),
    ("Hsu and Shiau (`vgg-bins`)", "Regression or classification?", classification),
)
