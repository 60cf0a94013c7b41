"""``photochrom contact``."""

from __future__ import annotations

from pathlib import Path

import click

from photochrom.cli.input_path import InputPath
from photochrom.cli.output_file import SHEET, OutputFile, refuse_to_replace


@click.command()
@click.argument("run", type=InputPath(file_okay=False))
@click.option(
    "--data",
    "-d",
    multiple=True,
    help="Pictures to show, as for train; by default those that the run was judged by.",
)
@click.option(
    "--out",
    "-o",
    type=OutputFile("a sheet", *SHEET),
    help="The sheet, JPEG or PNG.  [default: contact.jpg in RUN]",
)
@click.option("--pictures", type=click.IntRange(1, 200), default=8, show_default=True, help="Rows.")
@click.option(
    "--size",
    type=click.IntRange(16, 1024),
    default=None,
    help="Side of a tile in pixels.  [default: the run's crops]",
)
@click.option("--overwrite", is_flag=True, help="Replace a file of that name.")
def contact(
    run: Path,
    data: tuple[str, ...],
    out: Path | None,
    pictures: int,
    size: int | None,
    *,
    overwrite: bool,
) -> None:
    """Draw what each kept epoch of RUN makes of the same pictures, to choose one by eye.

    RUN is a run folder of a recipe with training.keep = "every". Any of the files that are listed
    can be exported or given to --model.

    Example: photochrom contact runs/mine --pictures 12
    """
    from photochrom.errors import MissingExtra

    # The sheet of the run's own folder is the run's, drawn when it ended.
    refuse_to_replace([] if out is None else [out], overwrite=overwrite)
    try:
        from photochrom.training.contact import contact_pictures, draw_contact
    except ImportError as error:
        raise MissingExtra("train", "photochrom contact") from error
    out = out or run / "contact.jpg"
    rgb = contact_pictures(run, data=list(data), count=pictures, size=size or 0)
    for file, text in draw_contact(run, out, rgb):
        click.echo(f"{file}  {text}")
    click.echo(f"side by side: {out}")
