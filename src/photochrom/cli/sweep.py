"""``photochrom sweep``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.cli.output_file import refuse_to_replace

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from photochrom.evaluation.methods import Method
    from photochrom.evaluation.verdict import Figure, Row
    from photochrom.evaluation.view import View

TEMPERATURES = (0.05, 0.1, 0.2, 0.38, 0.6, 0.8, 1.0)
SIDE_OF_SHOTS = 256


@click.command()
@click.argument("model")
@click.option(
    "--picture",
    "-p",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Color photograph to show at every temperature.",
)
@click.option("--data", "-d", "places", multiple=True, help="Color pictures to measure on, too.")
@click.option(
    "--out", "-o", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder."
)
@click.option(
    "--temperature",
    "-t",
    "temperatures",
    type=click.FloatRange(0.05, 5),
    multiple=True,
    default=TEMPERATURES,
    show_default=True,
    help="Repeatable.",
)
@click.option(
    "--rebalance",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Weight of rare colors at all of them.",
)
@click.option("--side", type=int, default=256, show_default=True, help="Pixels when judged.")
@click.option("--size", type=int, help="Shorter side that the network sees.")
@click.option("--limit", type=click.IntRange(min=1), help="Measure on so many pictures at most.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes; default all cores.")
@click.option("--overwrite", is_flag=True, help="Replace a sweep.png that is there.")
def sweep(
    model: str,
    picture: Path,
    places: tuple[str, ...],
    out: Path,
    temperatures: tuple[float, ...],
    rebalance: float,
    side: int,
    size: int | None,
    limit: int | None,
    jobs: int | None,
    *,
    overwrite: bool,
) -> None:
    """Show what MODEL makes of a picture at every temperature, and what that costs on a set.

    The temperature of the annealed mean: 1 is the mean of all likely colors, towards 0 the most
    likely one. OUT gets sweep.png and sweep.json.

    Example: photochrom sweep photochrom --picture beach.jpg --data photographs/ --out sweep
    """
    from photochrom.cli.evaluate import write_text
    from photochrom.cores import cores_here
    from photochrom.data.transforms import decode
    from photochrom.errors import MissingExtra
    from photochrom.evaluation.analysis.folder import check_folder
    from photochrom.evaluation.view import View
    from photochrom.photo.atomic import atomic_file

    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtra("train", "photochrom sweep") from error
    check_folder(out, places)
    refuse_to_replace([out / "sweep.png"], overwrite=overwrite)
    image = decode(picture.read_bytes(), str(picture))
    swept = Sweep(model, temperatures, rebalance, size)
    values, png = swept.run(image, places, View(side), limit=limit or 0, jobs=jobs or cores_here())
    with atomic_file(out / "sweep.png") as file:
        file.write(png)
    write_text(out / "sweep.json", json.dumps({"picture": picture.name, **values}, indent=1) + "\n")
    for row in values["rows"]:
        figures = "  ".join(f"{title} {_text(row[metric])}" for metric, title in _shown())
        click.echo(f"T {row['temperature']:<5g} {figures}")
    failed = values.get("failed", {})
    for temperature, text in failed.items():
        click.echo(f"T {temperature} failed: {text}")
    click.echo(f"{out / 'sweep.png'}: the figure")
    if failed:
        raise click.exceptions.Exit(1)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _shown() -> list[tuple[str, str]]:
    from photochrom.evaluation.analysis.sweep_sheet import METRICS_OF_SWEEP
    from photochrom.evaluation.cards import METRICS

    return [(name, METRICS[name].title) for name in METRICS_OF_SWEEP]


class Sweep:
    """One model at several temperatures."""

    def __init__(
        self, model: str, temperatures: tuple[float, ...], rebalance: float, size: int | None
    ) -> None:
        """Raises :class:`WrongInput` if the model takes no temperature."""
        from photochrom.errors import WrongInput
        from photochrom.inference.colorizer import Colorizer

        self.model, self.rebalance, self.size = model, rebalance, size
        self.card = Colorizer(model, threads=1).session.card
        if "temperature" not in self.card.inputs:
            message = f"the model {self.card.name} takes no temperature: it predicts one color"
            raise WrongInput(message)
        self.temperatures = tuple(sorted(set(temperatures), reverse=True))

    def run(
        self, image: Image.Image, places: tuple[str, ...], view: View, *, limit: int, jobs: int
    ) -> tuple[dict[str, Any], bytes]:
        """Figures by temperature, where there are ``places`` to measure on, and the drawing."""
        from photochrom.evaluation.analysis.sweep_sheet import draw_sweep

        methods = tuple(self._method(t) for t in self.temperatures)
        values: dict[str, Any] = {
            "model": self.card.name, "version": self.card.version, "rebalance": self.rebalance,
            "size": self.size, "rows": [],
        }  # fmt: skip
        if places:
            values |= self._measured(methods, places, view, limit, jobs)
        title = f"{self.card.name} at temperatures"
        return values, draw_sweep(title, self._shots(image, methods), values)

    def _method(self, temperature: float) -> Method:
        from photochrom.cli.judged_model import JudgedModel
        from photochrom.evaluation.methods import Method

        settings: dict[str, Any] = {"temperature": temperature}
        if "rebalance" in self.card.inputs:
            settings["rebalance"] = self.rebalance
        if self.size:
            settings["size"] = self.size
        opened = JudgedModel(self.model, tuple(settings.items()), calibration=False)
        return Method(f"{temperature:g}", opened)

    def _measured(
        self, methods: tuple[Method, ...], places: tuple[str, ...], view: View, limit: int,
        jobs: int,
    ) -> dict[str, Any]:  # fmt: skip
        from photochrom.cli.evaluate import progress_of
        from photochrom.evaluation.analysis.sweep_sheet import METRICS_OF_SWEEP
        from photochrom.evaluation.methods import GRAY, TRUTH
        from photochrom.evaluation.runner import Trial, run_trial
        from photochrom.evaluation.verdict import decide

        trial = Trial(places, methods, METRICS_OF_SWEEP, view, limit=limit)
        with progress_of(trial, quiet=False) as advance:
            verdict = decide(trial, run_trial(trial, jobs=jobs, advance=advance), {})
        found = {t: verdict.row(f"{t:g}") for t in self.temperatures}
        rows = [{"temperature": t, **_figures(row)} for t, row in found.items() if not row.failed]
        failed = {f"{t:g}": row.failed for t, row in found.items() if row.failed}
        ends = {end: _figures(verdict.row(end)) for end in (GRAY, TRUTH)}
        sizes = {"pictures": verdict.pictures, "side": view.side}
        return {**sizes, "rows": rows, "failed": failed, **ends}

    def _shots(
        self, image: Image.Image, methods: tuple[Method, ...]
    ) -> list[tuple[str, np.ndarray]]:
        import numpy as np

        image = image.copy()
        image.thumbnail((SIDE_OF_SHOTS, SIDE_OF_SHOTS))
        gray = np.asarray(image.convert("L"))
        shots = [("gray", np.repeat(gray[:, :, None], 3, 2))]
        for method in methods:
            colorize: Callable[..., Any] = method.open()
            shots.append((f"T = {method.name}", colorize(gray).rgb.transpose(1, 2, 0)))
        return [*shots, ("truth", np.asarray(image))]


def _figures(row: Row) -> dict[str, Any]:
    """A row's figures by metric, and their intervals."""

    def bounds(figure: Figure) -> list[float] | None:
        return None if figure.low is None or figure.high is None else [figure.low, figure.high]

    values: dict[str, Any] = {name: figure.value for name, figure in row.figures.items()}
    return values | {"intervals": {name: bounds(f) for name, f in row.figures.items()}}
