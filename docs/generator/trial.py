"""docs/results/trial.md: the published comparisons, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.claims import answers
from generator.findings import Rates, Trial, minutes_at, rates_of
from generator.markdown import table, with_interval
from photochrom.evaluation.cards import METRICS

PICTURES = Path(__file__).resolve().parents[1] / "results"
COLUMNS = (
    "auc", "rebalanced-auc", "ab-rmse", "ciede2000", "colorfulness", "colorfulness-difference",
    "hue-histogram", "psnr",
)  # fmt: skip

INTRODUCTION = """\
# The trial

All systems of the documents that photochrom is built from, each with its own network, loss and
bins, trained on the same pictures under one budget of time and judged on others, beside gray and
the truth. Learning rate, batch, schedule and size of crops are the same for all (behind *Asked
for*): that is comparable, and suits some better than others; `siggraph17` hardly left gray with the
few images that it has time for. Half of the 95 % interval stands behind a figure; all are judged on
the same pictures, so that two can differ by less than that and differ surely: where an answer below
says which of two runs is better, it looks at the interval of their difference. Such a budget is
small: what is compared is how far each system comes with it, not how far it can come. None begins
with pretrained weights. The classifier whose opinion `fusion` joins is frozen, so here it knows
nothing.

The budget was made into images by a rehearsal of each system, and the first rehearsals were too
short: *minutes* says what a run's images take at speeds that were measured later, longer and in one
sitting (`benchmarks/pace.py`). They are not the same for all, and where two runs that an answer
compares differ by more than a quarter, it says so. Variants are other runs of a system with one
change; their images were chosen by the ratio of their speed to that of the system itself. *ms* is
what a picture took while it was judged; runs were judged in several sittings, so that only large
differences mean something.
"""
CLAIMS = """\
## What the documents claim

Every answer is computed from the results of these runs (`benchmarks/results/`, some of which are in
no table here): other numbers would give other sentences.
"""
ADDED = """\
Below, runs that were added; where a name stands in both pictures, this one is the run of the table,
which took the other's place:
"""
TITLES = {"trial": "All systems, one budget", "trial-cvcl": "Scenes of CVCL"}
NOTHING = "*Not run yet: the commands are below.*\n"

TERMS = (
    "--data photographs/ --judge held-out/ --size 128 --dial 0:1 --budget 25m --out trial",
    "--set data.size=128 --set data.limit=0 --set data.validation=128",
    "--set encoder.pretrained=none --set encoder.frozen=0 --set training.encoder_rate=1",
    "--set 'stages=[]' --set training.batch_size=16 --set training.learning_rate=1e-3",
    "--set training.schedule=one-cycle",
)
SYSTEMS = (
    "photochrom resnet18-half colorunet fusion vgg-bins vgg-residual eccv16 hybrid-unet cnn",
    "siggraph17",
)
VARIANTS = (
    "fusion,network.options.fuse=false colorunet,loss.cross-entropy.uniform=1.0",
    "hybrid-unet,resizing.initial_scale=1.0 vgg-residual,encoder.name=vgg19",
    "vgg-residual,encoder.name=alexnet,network.options.deepest=16",
    "vgg-residual,encoder.name=resnet18",
)
SCENES = (
    "vgg-residual vgg-bins --data cvcl/ --judge cvcl-held-out/ --side 64 --size 64 --dial 0:1",
    "--budget 25m --out trial-cvcl --set data.size=64 --set encoder.pretrained=none",
    "--set training.encoder_rate=1",
)


def _command(*lines: str) -> str:
    text = " \\\n    ".join(("photochrom compare", *lines))
    return f"```bash\n{text}\n```\n"


COMMANDS = f"""\
## Do it again

The systems, in one folder; what is finished is not repeated, and recipes can be added:

{_command(*SYSTEMS, *TERMS)}
The variants that the claims are about, added to it on the same terms:

{_command(*VARIANTS, *TERMS)}
Regression and classification on MIT's CVCL scenes:

{_command(*SCENES)}
A budget of time is made into images by your machine: with `--budget IMAGES` a recipe is trained for
exactly the *images* of its row. What has finished so far is judged by

{_command("--judge-only --out trial --judge held-out/ --size 128 --dial 0:1")}
and this page and its pictures are written by

```bash
python benchmarks/trial.py trial            # with --add, runs of another folder join the table
python benchmarks/trial.py trial-cvcl --name trial-cvcl
python benchmarks/temperature.py --data held-out/ --limit 250
python benchmarks/pace.py --recipes RECIPE... --data photographs/ --set KEY=VALUE...
python benchmarks/pace.py --recipes vgg-residual vgg-bins --data cvcl/ --set KEY=VALUE... \\
    --out benchmarks/results/pace-cvcl.json
scripts/docs
```
"""


def trial_page(results: Mapping[str, Any]) -> str:
    """The page's text."""
    trials = trials_of(results)
    sections = [INTRODUCTION]
    sections += [
        _section(name, trial, rates_of(results, trial)) for name, trial in trials.items()
    ] or [NOTHING]
    rows = [list(answer) for answer in answers(list(trials.values()), results)]
    sections += [CLAIMS, table(["document", "claim", "answer"], rows)]
    sections += [_temperatures(results), COMMANDS]
    return "\n".join(section for section in sections if section)


def _temperatures(results: Mapping[str, Any]) -> str:
    found = {name: value for name, value in results.items() if name.startswith("temperature")}
    parts = ["## Temperature\n"] if found else []
    for name, sweep in found.items():
        parts.append(
            f"`{sweep['model']}` at rebalance {sweep['rebalance']:g}, measured on "
            f"{sweep['pictures']:,} pictures of {sweep['side']} × {sweep['side']} pixels; bands "
            "are 95 % intervals. `photochrom sweep` draws it of any model and picture.\n"
        )
        parts.append(_picture(name, "jpg", f"{sweep['model']} at temperatures"))
    return "\n".join(parts)


def trials_of(results: Mapping[str, Any]) -> dict[str, Trial]:
    """The published trials by name: results whose name begins with "trial"."""
    return {name: results[name] for name in sorted(results) if name.startswith("trial")}


def what_it_gives(network: str, results: Mapping[str, Any]) -> str:
    """A network's rows of every trial, between gray and the truth; empty if none has any."""
    parts = []
    for trial in trials_of(results).values():
        own = [row for row in trial["rows"] if _network(trial, row["method"]) == network]
        if own:
            rows = [trial["rows"][0], *own, trial["rows"][-1]]
            parts += [_terms(trial), _table(trial, rows, rates_of(results, trial))]
    return "\n".join(parts)


def _network(trial: Trial, method: str) -> str:
    """The network of a row, at its own settings or set by hand; empty of gray and the truth."""
    recipe = trial["recipes"].get(method) or trial["recipes"].get(method.rpartition("@")[0])
    return recipe["network"]["name"] if recipe else ""


def _terms(trial: Trial) -> str:
    budget = trial["asked"]["budget"]
    each = f"{budget['images']:,} images each"
    if budget["minutes"]:
        each = f"a budget of {budget['minutes']:g} minutes each"
    trained = "; ".join(", ".join(places) for places in trial["data"].values())
    line = (
        f"Trained on {trained}, {each}; judged on {trial['pictures']:,} pictures of "
        f"{trial['side']} × {trial['side']} pixels"
    )
    return line + (f", of which the networks saw {trial['size']}.\n" if trial["size"] else ".\n")


def _section(name: str, trial: Trial, rates: Rates) -> str:
    line = _terms(trial)
    found = (minutes_at(rates, run, cost["images"]) for run, cost in trial["costs"].items())
    times = [time for time in found if time is not None]
    if trial["asked"]["budget"]["minutes"] and times:
        line += f"\nWhat the runs saw takes {min(times):.0f} to {max(times):.0f} minutes.\n"
    if trial["unfinished"]:
        line += f"\nNot run yet: {', '.join(trial['unfinished'])}.\n"
    title = TITLES.get(name, name.replace("-", " ").capitalize())
    parts = [f"## {title}\n", line, _table(trial, trial["rows"], rates), _asked(trial)]
    parts += [_picture(f"{name}-mse", "png", "Error while training")]
    parts += [_picture(f"{name}-samples", "jpg", "What each run makes of four photographs")]
    added = _picture(f"{name}-samples-added", "jpg", "The same of runs that were added")
    parts += [ADDED, added] if added else []
    return "\n".join(part for part in parts if part)


def _asked(trial: Trial) -> str:
    overrides = " ".join(f"--set '{text}'" for text in trial["asked"]["overrides"])
    recipes = " ".join(trial["asked"]["recipes"])
    return f"Asked for: `{recipes}`" + (f" with `{overrides}`.\n" if overrides else ".\n")


def _table(trial: Trial, shown: Sequence[Mapping[str, Any]], rates: Rates) -> str:
    metrics = [name for name in COLUMNS if name in trial["metrics"]]
    titles = [METRICS[metric].title for metric in metrics]
    head = ["", *titles, "images", "minutes", "ms", "parameters"]
    rows = [_cells(trial, row, metrics, rates) for row in shown]
    return table(head, rows, numbers=len(head) - 1)


def _minutes(trial: Trial, method: str, rates: Rates) -> str:
    """Of a run: what its images take at a measured speed; with a budget of images the clock's own.

    What the clock said of a budget of time depends on what else the machine did.
    """
    cost = trial["costs"].get(method)
    if cost is not None and not trial["asked"]["budget"]["minutes"]:
        return f"{cost['seconds'] / 60:.0f}"
    if cost is None:
        return "–"
    run = method if method in rates else method.rpartition("@")[0]
    time = minutes_at(rates, run, cost["images"])
    return "–" if time is None else f"{time:.0f}"


def _cells(trial: Trial, row: Mapping[str, Any], metrics: Sequence[str], rates: Rates) -> list[str]:
    cells = [row["method"]]
    for metric in metrics:
        found = row["figures"].get(metric)
        if row["failed"] or found is None:
            cells.append("failed" if row["failed"] else "–")
            continue
        ends = (found["value"], found["low"], found["high"])
        cells.append(with_interval(*ends, METRICS[metric].digits))
    cost = trial["costs"].get(row["method"])
    cells.append("–" if cost is None else f"{cost['images']:,}")
    cells.append(_minutes(trial, row["method"], rates))
    speed, size = row["milliseconds"], row["facts"].get("parameters")
    return [*cells, "–" if speed is None else f"{speed:.0f}", "–" if size is None else f"{size:,}"]


def _picture(name: str, suffix: str, title: str) -> str:
    return f"![{title}]({name}.{suffix})\n" if (PICTURES / f"{name}.{suffix}").is_file() else ""
