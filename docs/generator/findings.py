"""What the runs of published trials say, as the claims of the documents ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photochrom.evaluation.jackknife import half_width

Trial = Mapping[str, Any]
Rates = Mapping[str, float]
"""Images a second that runs train, by their names, all measured in one sitting."""
CALIBRATED = "@0:1"
"""Of rows that show a classifier without rebalancing, at temperature 1."""


@dataclass(frozen=True)
class System:
    """One judged row of a trial with the recipe that trained it."""

    trial: Trial
    name: str
    row: Mapping[str, Any]
    recipe: Mapping[str, Any]

    def value(self, metric: str) -> float | None:
        """A figure; None where there is none."""
        found = self.row["figures"].get(metric)
        return None if found is None else found["value"]

    @property
    def network(self) -> str:
        """The network's name."""
        return str(self.recipe["network"]["name"])

    @property
    def encoder(self) -> str:
        """The encoder that the recipe names."""
        return str(self.recipe["encoder"]["name"])

    @property
    def run(self) -> str:
        """The run that the row shows, at whatever settings."""
        return self.name.removesuffix(CALIBRATED)

    @property
    def set(self) -> str:
        """The name of the set that it was trained on; "data" where there is only one."""
        return self.name.partition(" on ")[2] or "data"

    @property
    def places(self) -> list[str]:
        """What that set consists of."""
        return list(self.trial["data"][self.set])

    @property
    def images(self) -> int:
        """What its training saw."""
        return int(self.trial["costs"][self.run]["images"])

    def option(self, name: str, usual: Any) -> Any:
        """An option of the network."""
        return self.recipe["network"]["options"].get(name, usual)

    def curve(self, key: str) -> list[tuple[float, float]]:
        """(images, value) as logged while training."""
        return [(x, y) for x, y in self.trial["costs"][self.name]["curves"].get(key, [])]

    def calibrated(self) -> System:
        """The row without rebalancing, if the trial has it; else this one."""
        other = f"{self.name}{CALIBRATED}"
        found = next((r for r in self.trial["rows"] if r["method"] == other), None)
        return self if found is None else System(self.trial, other, found, self.recipe)


UNEVEN = 1.25
"""Times of two runs whose ratio is above this are not the same budget."""

Test = Callable[[System], bool]


def systems(trial: Trial) -> list[System]:
    """The runs of a trial that did not fail, at their own settings."""
    return [
        System(trial, row["method"], row, trial["recipes"][row["method"]])
        for row in trial["rows"]
        if row["method"] in trial["recipes"] and not row["failed"]
    ]


def truth(trial: Trial, metric: str) -> float | None:
    """The truth's own figure."""
    return _row(trial, "truth")["figures"].get(metric, {}).get("value")


def _row(trial: Trial, method: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(row for row in trial["rows"] if row["method"] == method)
    return found


def pairs(trials: Sequence[Trial], one: Test, other: Test) -> Iterator[tuple[System, System]]:
    """In every trial and on every set, the first system of either kind: judged alike."""
    for trial in trials:
        found = systems(trial)
        for name in dict.fromkeys(system.set for system in found):
            first, second = (
                next((s for s in filter(kind, found) if s.set == name), None)
                for kind in (one, other)
            )
            if first is not None and second is not None:
                yield first, second


def apart(one: System, other: System, metric: str) -> int:
    """1 if the first figure is surely larger, -1 if smaller, 0 if nothing can be told.

    Both were judged on the same pictures, so that it is the interval of their difference that has
    to leave out zero.
    """
    a, b = (system.row["figures"].get(metric) for system in (one, other))
    if a is None or b is None or len(a["without"]) != len(b["without"]):
        return 0
    half = half_width(np.subtract(a["without"], b["without"]))
    difference = a["value"] - b["value"]
    if half is None or abs(difference) <= half:
        return 0
    return 1 if difference > 0 else -1


def rates_of(results: Mapping[str, Any], trial: Trial) -> Rates:
    """The published rates of a trial's runs; empty if none were measured with its settings."""
    asked = sorted(trial["asked"]["overrides"])
    sittings = [results[name] for name in sorted(results) if name.startswith("pace")]
    rates: list[Rates] = [one["rates"] for one in sittings if sorted(one["overrides"]) == asked]
    return rates[0] if rates else {}


def minutes(system: System, results: Mapping[str, Any]) -> float | None:
    """How long a run's images take at its published rate; None if that was not measured."""
    return minutes_at(rates_of(results, system.trial), system.run, system.images)


def minutes_at(rates: Rates, run: str, images: int) -> float | None:
    """How long so many images take a run; None if its rate was not measured."""
    return images / rates[run] / 60 if rates.get(run) else None


def spent(system: System, results: Mapping[str, Any]) -> str:
    """Images and minutes of a run, in words."""
    time = minutes(system, results)
    return f"{system.images:,} images" + ("" if time is None else f", {time:.0f} minutes")


def uneven(one: System, other: System, results: Mapping[str, Any]) -> str:
    """A warning if the images of two runs take times that differ by more than a quarter."""
    times = [minutes(system, results) for system in (one, other)]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or max(known) < UNEVEN * min(known):
        return ""
    told = " and ".join(f"{time:.0f}" for time in known)
    return (
        f" But beware: at speeds measured in one sitting the images of `{one.run}` and "
        f"`{other.run}` are {told} minutes."
    )


def at(curve: Sequence[tuple[float, float]], images: float) -> float:
    """A logged value after so many images, between the points on a straight line."""
    return float(np.interp(images, *zip(*curve, strict=True)))


def rank_correlation(pairs: Sequence[tuple[float, float]]) -> float:
    """Spearman's, of values without ties: 1 in the same order, -1 in the opposite one."""
    ranks = [
        {value: rank for rank, value in enumerate(sorted(column))}
        for column in zip(*pairs, strict=True)
    ]
    count = len(pairs)
    squares = sum((ranks[0][x] - ranks[1][y]) ** 2 for x, y in pairs)
    return 1 - 6 * squares / (count * (count**2 - 1))
