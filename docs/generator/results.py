"""docs/results/ and the tables of README.md, from the files that the benchmarks wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.campaign import campaign_page
from generator.controls import ALTERNATIVES_NOTES, HINTS_NOTES, alternatives_section, hints_section
from generator.markdown import figure, table
from generator.old_photographs import old_photographs_page
from generator.quality import (
    CHOSEN_HERE,
    EVERYDAY_NOTES,
    KEPT_NOTES,
    PORTRAITS_NOTES,
    QUALITY_NOTES,
    WILD_NOTES,
    dial_sections,
    quality_section,
    regions_section,
)
from generator.trial import trial_page

Result = Mapping[str, Any]
NOTHING_YET = "*Not measured yet: see `benchmarks/`.*\n"

INTRODUCTION = """\
# Results

Written from `benchmarks/results/`, which the programs in `benchmarks/` write: run them again on
your own pictures and your own machine.
"""
PAGES = {
    "quality": (
        "Quality",
        ("quality", "quality-wild", "quality-wild-kept", "quality-everyday", "quality-portraits"),
    ),
    "speed": ("Speed and memory", ("photo", "folder", "network", "judge")),
    "training": ("Training", ("data", "loop")),
    "robustness": ("Damaged files", ("fuzz",)),
    "controls": ("Hints, references, alternatives", ("hints", "alternatives")),
}
"""Title and results of each page; what no page names stands on that of speed."""

PHOTO_NOTES = """\
The *floor* is Pillow opening the same file and saving it again, turn by turn with ours, as gray and
as RGB; *×* is the median of the turns' ratios, and moves from run to run with what the machine's
neighbors do; pictures of 50 Mpx and more are measured in one turn only. *Warm* is one thread with
the model loaded, decoding, network and encoding included. *Cold* is a whole `photochrom colorize`
process. Seconds are CPU seconds unless they say wall. A gray JPEG's luma is carried over as it was
coded unless a quality is asked for. The other ways of working bring the whole picture to Lab and
back, as published code does.
"""


FOLDER_NOTES = """\
Both runs turn by turn in one process with the model loaded: reading, hashing, decoding, network,
encoding, writing through to the disk, and the record. *Skipped* is the same command again.
"""

DATA_NOTES = """\
*Crops* are read, decoded, cropped and resized by one process, from pictures of 144 pixels on the
shorter side; a network's images are those of whole training steps. Both are counted by CPU second.
*Peak* is the memory of a fresh process that opens the set, parts it and takes crops.
"""

LOOP_NOTES = """\
Both turn by turn in the same process, on the same batches; the percentage is the median of the
turns' ratios, the milliseconds are medians of their own and need not have that ratio. Decoding
belongs to a worker process and is not counted. The loop's part: the batch from the worker, rates,
draws, clipping, the check for numbers, the running average, the records.
"""


FUZZ_NOTES = """\
Files of every kind and layout that is read, damaged at random and by their structure, are read or
colored (`python -m tests.fuzz`). Promised for each: a photograph, or one line that says why not; no
crash, no more than ten seconds, little memory; the original unchanged, nothing left behind, and
what was written is the photograph when it is turned gray again.
"""


def load_results(folder: Path) -> dict[str, Result]:
    """Every stored result by the name of its file."""
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def table_of(name: str, results: Mapping[str, Result]) -> str:
    """The table of one result, or a line that says it was not measured yet.

    "dial" is of the quality alone what the dial's steps give, on the first set and on the wild one.
    """
    if name == "dial" and "quality" in results:
        return dial_sections(results["quality"], results.get("quality-wild"))
    if name not in results:
        return NOTHING_YET
    return _WRITERS.get(results[name].get("benchmark", name), _any)(results[name])


def results_pages(results: Mapping[str, Result]) -> dict[str, str]:
    """The pages' texts by name, with an index of them."""
    named = {name for _, names in PAGES.values() for name in names}
    plain = [
        name
        for name in results
        if not name.startswith(("trial", "temperature", "pace", "campaign", "films", "old"))
    ]
    pages = {"trial": trial_page(results)}
    if "campaign" in results:
        pages["flagship"] = campaign_page(results["campaign"], results.get("films"))
    if "old-photographs" in results:
        pages["old-photographs"] = old_photographs_page(results["old-photographs"])
    for page, (title, names) in PAGES.items():
        rest = [n for n in plain if n not in named] if page == "speed" else []
        pages[page] = "\n".join([f"# {title}\n", *_sections([*names, *rest], results)])
    links = "".join(
        f"- [{text.splitlines()[0].removeprefix('# ')}]({name}.md)\n"
        for name, text in pages.items()
    )
    return {"index": f"{INTRODUCTION}\n{links}"} | pages


def _sections(names: Sequence[str], results: Mapping[str, Result]) -> Iterator[str]:
    for name in names:
        title, notes = _TITLES.get(name, (name.replace("-", " ").capitalize(), ""))
        if len(names) > 1:
            yield f"## {title}\n"
        yield table_of(name, results)
        if "regions" in results.get(name, {}):
            yield regions_section(results[name]["regions"])
        if notes and name in results:
            yield notes


def _photo(result: Result) -> str:
    head = [
        "file", "floor, gray", "floor, RGB", "warm", "× gray", "× RGB",
        "cold", "cold, wall", "peak MB",
    ]  # fmt: skip
    keys = {
        "floor_gray_seconds": 3, "floor_rgb_seconds": 3, "warm_seconds": 3,
        "warm_to_floor_gray": 2, "warm_to_floor_rgb": 2,
    }  # fmt: skip
    cold = {"cpu_seconds": 2, "wall_seconds": 2, "peak_megabytes": 0}
    rows = [
        [
            row["file"],
            *("–" if row[key] is None else figure(row[key], d) for key, d in keys.items()),
            *(figure(row["cold"][key], digits) for key, digits in cold.items()),
        ]
        for row in result["rows"]
    ]
    line = f"{result['cores']} cores, {result['machine']}.\n"
    return f"{line}\n{table(head, rows, numbers=8)}{_pipelines(result)}"


def _pipelines(result: Result) -> str:
    """Other ways of coloring the same file with the same network; nothing in older results."""
    found = result.get("pipelines", ())
    if not found:
        return ""
    rows = [
        [row["pipeline"], figure(row["seconds"], 3), figure(row["to_photochrom"], 1)]
        for row in found
    ]
    size = figure(result["pipeline_megapixels"], 0)
    head = ["way of working", "CPU seconds", "× photochrom"]
    return f"\nA gray JPEG of {size} Mpx, the same network, warm, one thread:\n\n" + table(
        head, rows, numbers=2
    )


def _folder(result: Result) -> str:
    rows = [
        [
            str(row["workers"]),
            figure(row["per_second"], 2),
            figure(row["cpu_seconds"], 3),
            figure(row["skipped_per_second"], 0),
        ]
        for row in result["rows"]
    ]
    line = (
        f"{result['pictures']:,} gray JPEGs of {figure(result['megapixels'], 0)} Mpx, "
        f"{result['cores']} cores, {result['machine']}: all cores give "
        f"{figure(result['speedup'], 2)} times the rate of one (the median of turns); the peak is "
        f"{figure(result['peak_megabytes'], 0)} MB.\n"
    )
    head = ["pictures at a time", "a second", "CPU seconds a picture", "skipped a second"]
    return f"{line}\n{table(head, rows, numbers=4)}"


def _network(result: Result) -> str:
    times = result["milliseconds"]
    rows = [[f"`{name}`", figure(value, 1)] for name, value in times.items()]
    size = result["size"]
    return (
        f"One thread, ONNX Runtime, {size} × {size} pixels: `eccv16` takes "
        f"{figure(result['eccv16_to_photochrom'], 1)} times as long.\n\n"
        + table(["network", "CPU milliseconds"], rows, numbers=1)
    )


def _data(result: Result) -> str:
    networks = [
        [f"`{row['recipe']}`", str(row["size"])]
        + [figure(row[key], 1) for key in ("images", "film_images")]
        for row in result["networks"]
    ]
    memory = [
        [row["kind"], f"{row['pictures']:,}"]
        + [figure(row[k], d) for k, d in (("open_seconds", 2), ("peak_megabytes", 0))]
        for row in result["memory"]
    ]
    growth = ", ".join(f"{value:.1%} for {kind}" for kind, value in result["growth"].items())
    return (
        f"{result['cores']} cores, {result['machine']}: one process gives "
        f"{figure(result['crops_per_second'], 0)} crops, {figure(result['to_fastest'], 1)} times "
        f"what `{result['fastest']}` uses. From the smallest to the largest set, memory grows by "
        f"{growth}.\n\n"
        + table(["recipe", "pixels", "images", "with film"], networks, numbers=3)
        + "\n"
        + table(["set", "pictures", "seconds to open", "peak MB"], memory, numbers=3)
    )


def _loop(result: Result) -> str:
    times = result["milliseconds"]
    names = {"loop": "the loop", "bare": "forward, backward and step alone"}
    rows = [[names[key], figure(times[key], 1)] for key in names]
    return (
        f"`{result['network']}` ({result['parameters']:,} parameters), {result['batch']} crops of "
        f"{result['size']} × {result['size']} pixels, CPU, one thread: the loop takes "
        f"{figure(100 * (result['loop_to_bare'] - 1), 1)} % more.\n\n"
        + table(["a training step", "CPU milliseconds"], rows, numbers=1)
    )


def _fuzz(result: Result) -> str:
    counts = ", ".join(f"{result.get(key, 0):,} {key}" for key in ("read", "refused", "saved"))
    return (
        f"{result['files']:,} damaged files (seed {result['seed']}): {counts} in color; "
        f"{result['findings']:,} broke a promise.\n"
    )


def _judge(result: Result) -> str:
    names = {model.partition("@")[0] for model in result["models"]}
    what = f"{len(result['models'])} models"
    if len(names) == 1:
        what = f"one model at {len(result['models'])} settings"
    growth = ""
    if "growth" in result:
        growth = f", {result['growth']:+.1%} beside a tenth of the pictures"
    return (
        f"{result['pictures']:,} pictures of {result['side']} × {result['side']} pixels by {what} "
        f"({', '.join(f'`{m}`' for m in result['models'])}), each "
        f"seeing {result['size'] or 'its own size'}: {figure(result['cpu_seconds'], 0)} CPU "
        f"seconds, {figure(result['wall_seconds'], 0)} seconds with {result['jobs']} processes, "
        f"at most {figure(result['peak_megabytes'], 0)} MB each{growth}. {result['cores']} cores, "
        f"{result['machine']}.\n"
    )


def _any(result: Result) -> str:
    """A result that no writer knows: its facts, and its rows as they are."""
    facts = [f"{k}: {v}" for k, v in result.items() if isinstance(v, str | int | float)]
    rows = [row for row in result.get("rows", []) if isinstance(row, Mapping)]
    keys = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(key)) for key in keys] for row in rows]
    return "; ".join(facts) + "\n" + (f"\n{table(keys, cells)}" if keys else "")


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)


_WRITERS: dict[str, Callable[[Result], str]] = {
    "quality": quality_section,
    "photo": _photo,
    "folder": _folder,
    "network": _network,
    "data": _data,
    "loop": _loop,
    "hints": hints_section,
    "alternatives": alternatives_section,
    "fuzz": _fuzz,
    "judge": _judge,
}
_TITLES = {
    "quality": ("Landscapes, things, animals, faces", f"{CHOSEN_HERE}\n{QUALITY_NOTES}"),
    "quality-wild": ("Wild", WILD_NOTES),
    "quality-wild-kept": ("Wild, kept back", KEPT_NOTES),
    "quality-everyday": ("Everyday life", EVERYDAY_NOTES),
    "quality-portraits": ("Portraits", PORTRAITS_NOTES),
    "photo": ("One photograph: time and memory", PHOTO_NOTES),
    "folder": ("A folder of photographs", FOLDER_NOTES),
    "network": ("The network alone", ""),
    "data": ("Feeding the training", DATA_NOTES),
    "loop": ("The training loop", LOOP_NOTES),
    "hints": ("Hints and references", HINTS_NOTES),
    "alternatives": ("Alternatives and confidence", ALTERNATIVES_NOTES),
    "fuzz": ("Damaged files", FUZZ_NOTES),
    "judge": ("Judging", ""),
}
