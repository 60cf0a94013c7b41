"""``photochrom data``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from photochrom.cli.groups import Group
from photochrom.cli.output_file import SHEET, OutputFile, refuse_to_replace

PLACES_HELP = "Folder of pictures, folder of tar shards, shard, glob, or NAME:FOLDER."


@click.group(cls=Group)
def data() -> None:
    """Pack pictures into shards, look at what training sees, fetch public sets.

    Example: photochrom data pack ~/Pictures --out shards/
    """


@data.command()
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option(
    "--out",
    "-o",
    type=click.Path(file_okay=False, readable=False, path_type=Path),
    required=True,
    help="Folder of the shards; an interrupted packing in it is continued.",
)
@click.option(
    "--side",
    type=click.IntRange(16, 4096),
    default=256,
    show_default=True,
    help="Shorter side in pixels; smaller pictures stay as they are.",
)
@click.option(
    "--format",
    type=click.Choice(["webp", "jpeg"]),
    default="webp",
    show_default=True,
    help="Encoding; JPEG keeps chroma at full size and is larger.",
)
@click.option(
    "--quality",
    type=click.IntRange(1, 100),
    default=90,
    show_default=True,
    help="Of the encoding.",
)
@click.option(
    "--per-shard",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Pictures in a shard.",
)
@click.option(
    "--smallest",
    type=click.IntRange(1),
    default=32,
    show_default=True,
    help="Leave out pictures with a shorter side below this.",
)
@click.option("--keep-gray", "keeps_gray", is_flag=True, help="Do not leave out gray pictures.")
@click.option(
    "--colorfulness",
    type=click.FloatRange(0, 200),
    default=0.0,
    help="Leave out pictures of a lower colorfulness (Hasler and Suesstrunk), such as 15.",
)
@click.option("--jobs", "-j", type=click.IntRange(1, 256), help="Processes; all cores by default.")
def pack(places: tuple[str, ...], out: Path, jobs: int | None, **options: Any) -> None:
    """Pack the pictures of each PLACE into WebDataset shards: small, upright, in sRGB.

    PLACE is a folder of pictures, tar shards, a glob, or a public set as NAME:FOLDER. Gray, broken
    and tiny pictures, exact duplicates and results of photochrom itself are left out and listed in
    OUT/dropped.csv. Categories, the folders that pictures lie in, are kept.

    Ctrl-C stops; the same command continues.

    Example: photochrom data pack ~/Pictures places365:/data/places --out shards/ --side 256
    """
    from photochrom.cores import cores_here
    from photochrom.data.pack import DROPPED, pack
    from photochrom.data.packed_picture import PackSettings
    from photochrom.data.sources import open_pictures
    from photochrom.training.progress import ProgressLine

    pictures = open_pictures(places)
    progress = ProgressLine(seconds=10)
    result = pack(
        pictures,
        out,
        PackSettings(**options),
        workers=jobs or cores_here(),
        begin=lambda position: progress.start("packing", position, len(pictures)),
        advance=lambda position: progress.update(position, {}),
        end=progress.stop,
    )
    progress.say(f"{result.pictures:,} pictures in {result.shards:,} shards in {out}")
    if result.dropped:
        reasons = ", ".join(f"{n:,} {kind}" for kind, n in result.dropped.most_common())
        progress.say(f"left out: {reasons}; see {out / DROPPED}")


@data.command()
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option(
    "--out",
    "-o",
    type=OutputFile("a sheet", *SHEET, ".webp"),
    required=True,
    help="Sheet to write: .png, .jpg or .webp.",
)
@click.option("--recipe", default="photochrom", show_default=True, help="Name or TOML file.")
@click.option("--set", "overrides", multiple=True, help="Override, as data.film.probability=1.")
@click.option(
    "--rows", type=click.IntRange(1, 200), default=8, show_default=True, help="Pictures shown."
)
@click.option(
    "--variants", type=click.IntRange(1, 50), default=4, show_default=True, help="Crops of each."
)
@click.option("--overwrite", is_flag=True, help="Replace a file of that name.")
def show(
    places: tuple[str, ...],
    out: Path,
    recipe: str,
    overrides: tuple[str, ...],
    rows: int,
    variants: int,
    *,
    overwrite: bool,
) -> None:
    """Draw what training sees of the pictures of each PLACE under a recipe.

    Each row is a picture, then crops of it, each beside the lightness that the network is given.

    Example: photochrom data show ~/Pictures --out sheet.png --set data.film.probability=1
    """
    from photochrom.data.own_results import remark_on
    from photochrom.errors import MissingExtra
    from photochrom.recipes import find_recipe

    refuse_to_replace([out], overwrite=overwrite)
    try:
        from photochrom.data.sheet import draw_sheet
        from photochrom.training.pictures import chosen_pictures, split_of, training_crops
        from photochrom.training.recipe_file import read_recipe
    except ImportError as error:
        raise MissingExtra("train", "photochrom data show") from error
    chosen = read_recipe(find_recipe(recipe), overrides)
    pictures = chosen_pictures(chosen, places)
    trained, judged = split_of(pictures, chosen)
    drawn = draw_sheet(
        training_crops(chosen, trained, size=chosen.data.size),
        out,
        film=chosen.data.film,
        noise=chosen.data.noise,
        tone=chosen.data.tone,
        rows=rows,
        variants=variants,
    )
    click.echo(f"{out}: {drawn} of {len(trained):,} pictures ({len(judged):,} more to judge by)")
    if pictures.own_results:
        click.echo(remark_on(pictures.own_results))


@data.command()
def sets() -> None:
    """List the public sets that --data takes as NAME:FOLDER or NAME@SPLIT:FOLDER.

    Example: photochrom data sets
    """
    from photochrom.data.public_sets import PUBLIC_SETS

    for name in PUBLIC_SETS:
        card = PUBLIC_SETS[name]
        got = f"data fetch, {card.download}" if card.fetch else "by hand"
        click.echo(
            f"{name}  {card.summary}: {card.pictures:,} pictures, {card.side} px\n"
            f"    categories {card.categories}; splits {', '.join(card.splits)}; {got}\n"
            f"    {card.source}; {card.terms}"
        )


@data.command()
@click.argument("name")
@click.option(
    "--out",
    "-o",
    type=click.Path(file_okay=False, readable=False, path_type=Path),
    required=True,
    help="Folder to download into.",
)
def fetch(name: str, out: Path) -> None:
    """Download the public set NAME with torchvision; `photochrom data sets` lists them.

    Example: photochrom data fetch imagenette --out ~/sets
    """
    from photochrom.data.fetch import fetch
    from photochrom.data.public_sets import PUBLIC_SETS

    card = PUBLIC_SETS[name]
    if card.fetch:
        click.echo(f"{name} is about {card.download}, from {card.source}", err=True)
    fetch(name, out)
    click.echo(f"done: --data {name}:{out}")
