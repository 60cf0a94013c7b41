"""A colorizer of files that also applies and keeps hints, and writes what else is wanted."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from photochrom.errors import UnwritablePhoto, WrongInput
from photochrom.inference.alternatives import MOST, check_alternatives, find_alternatives
from photochrom.inference.aside import aside
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.confidence import check_map_path, confidence_of, write_confidence
from photochrom.inference.hint_file import HintFile, read_hints, sidecar_of, write_hints
from photochrom.inference.hints import Hint, check_hints, merge_hints
from photochrom.inference.names import alternative_beside, as_path, is_same_file
from photochrom.inference.pages import PAGED, transfer
from photochrom.photo.atomic import reason_of
from photochrom.photo.decode import read
from photochrom.photo.folders import is_file, is_there, refusal
from photochrom.photo.photo import Photo
from photochrom.photo.results import is_ours
from photochrom.weights.models import DEFAULT


@dataclass(frozen=True)
class Wishes:
    """What is wanted of photographs beside their color.

    Attributes: ``hints`` given by hand; ``file`` those read from a file; ``sidecar``: keep hints
    beside the result, and apply what is kept there; ``forget``: drop what was kept; ``confidence``
    the PNG file of a confidence map; ``alternatives`` how many other colorings to write;
    ``overwrite``: the map may replace a file, and alternatives of an earlier, larger set go.
    """

    hints: tuple[Hint, ...] = ()
    file: HintFile | None = None
    sidecar: bool = True
    forget: bool = False
    confidence: Path | None = None
    alternatives: int = 0
    overwrite: bool = False

    @property
    def asks(self) -> bool:
        """Whether anything is wanted but what was kept."""
        return bool(self.hints or self.file or self.more)

    @property
    def more(self) -> bool:
        """Whether files are wanted beside the result."""
        return bool(self.alternatives or self.confidence is not None)

    def __str__(self) -> str:
        """What decides the colors and what else is made, for records of how results were made."""
        file = "" if self.file is None else f"file={self.file}"
        words = [f"hint={hint}" for hint in self.hints] + [file]
        words += ["forget"] if self.forget else []
        words += [] if self.sidecar else ["no-sidecar"]
        words += [f"confidence={self.confidence}"] if self.confidence is not None else []
        words += [f"alternatives={self.alternatives}"] if self.alternatives else []
        return " ".join(word for word in words if word)

    @property
    def named(self) -> str:
        """The wishes, as options."""
        more = {"--alternatives": self.alternatives, "--forget-hints": self.forget}
        return " and ".join([*self._for_one, *(name for name, wish in more.items() if wish)])

    @property
    def for_one(self) -> str:
        """The first of the wishes that can only be meant for one photograph, as an option."""
        return next(iter(self._for_one), "")

    @property
    def _for_one(self) -> list[str]:
        names = {"--hint": self.hints, "--hints": self.file, "--confidence": self.confidence}
        return [name for name, wish in names.items() if wish]


class Retoucher(Colorizer):
    """A :class:`Colorizer` whose :meth:`save` fulfils the same wishes for every photograph."""

    def __init__(
        self, model: str | PathLike[str] = DEFAULT, *, wishes: Wishes, **settings: Any
    ) -> None:
        """``settings`` as for :class:`Colorizer`.

        Raises :class:`WrongInput` or :class:`ModelError` for wishes that the model cannot fulfil.
        """
        super().__init__(model, **settings)
        self.wishes = wishes
        steering = f"{self.settings.steering} {wishes}".strip()
        self.settings = dataclasses.replace(self.settings, steering=steering)
        if wishes.hints or wishes.file:
            self._check_takes_hints()
        if wishes.confidence is not None:
            check_map_path(wishes.confidence)
            if reason := refusal(wishes.confidence):
                message = f"{wishes.confidence} cannot be written: {reason}"
                raise UnwritablePhoto(message)
            if is_there(wishes.confidence) and not wishes.overwrite:
                message = f"{wishes.confidence} is already there; --overwrite replaces it"
                raise WrongInput(message)
            self.check_distribution()
        if wishes.alternatives:
            check_alternatives(self, wishes.alternatives)

    def save(
        self,
        source: Any,
        destination: str | PathLike[str],
        *,
        final: Path | None = None,
        **options: Any,
    ) -> Photo:
        """As :meth:`Colorizer.save`, with what was wished.

        The result comes last: where it is, all that was asked for is.
        """
        place = Path(as_path(destination)) if final is None else final
        sidecar: Path | None = None
        source = as_path(source)
        if self.wishes.sidecar and isinstance(source, str | Path):
            sidecar = sidecar_of(Path(source), place)
        if not (self.wishes.asks or (sidecar is not None and is_file(sidecar))):
            return super().save(source, destination, **options)
        self._check_places(source, place)
        photo: Photo = source if isinstance(source, Photo) else read(source)
        try:
            _check_one_page(photo)
            hints = self.hints_for(photo, sidecar)
        except WrongInput as error:
            message = f"{source}: {error}" if isinstance(source, str | Path) else str(error)
            raise WrongInput(message) from error
        staged = None if final is None else Path(destination)
        written = self._write_others(photo, place, staged, hints, options)
        if sidecar is not None:
            self._keep(sidecar, staged, hints, photo, Path(source).name)
        saved = super().save(photo, destination, hints=hints, **options)
        if self.wishes.alternatives and self.wishes.overwrite:
            older = (alternative_beside(place, n) for n in range(written + 1, MOST + 1))
            _remove_results(path for path in older if not _is_source(path, source))
        return saved

    def kept_hints(self, source: Path, destination: Path) -> int:
        """How many hints are kept beside a result that will be applied to its photograph."""
        sidecar = sidecar_of(source, destination)
        with suppress(WrongInput):  # who applies them says what is wrong with them
            if self.wishes.sidecar and not self.wishes.forget and is_file(sidecar):
                return len(read_hints(sidecar).hints)
        return 0

    def for_trial(self, folder: Path) -> Retoucher:
        """The same with its map in ``folder``."""
        if self.wishes.confidence is None:
            return self
        trial = copy.copy(self)
        trial.wishes = dataclasses.replace(self.wishes, confidence=folder / "map.png")
        return trial

    def transfer(
        self, source: Path | bytes, stream: BinaryIO, format: str | None, **options: Any
    ) -> Photo:
        """Color a photograph into a stream, in its own format without another; nothing is kept.

        Returns the photograph read, as :meth:`save` does.
        """
        if not self.wishes.asks:
            return transfer(self, source, stream, format, **options)
        photo = read(source)
        _check_one_page(photo)
        hints = self.hints_for(photo)
        self.write_confidence(photo, hints)
        return transfer(self, photo, stream, format, hints=hints, **options)

    def hints_for(self, photo: Photo, sidecar: Path | None = None) -> tuple[Hint, ...]:
        """Hints for a photograph: kept ones, then the file's, then those given by hand.

        A later one replaces an earlier one at the same place. Raises :class:`WrongInput`.
        """
        size = (photo.height, photo.width)
        hints: tuple[Hint, ...] = ()
        if sidecar is not None and is_file(sidecar) and not self.wishes.forget:
            hints = self._kept(sidecar, size)
        if self.wishes.file is not None:
            hints = merge_hints(hints, self.wishes.file.fitted(*size), *size)
        return merge_hints(hints, self.wishes.hints, *size)

    def write_confidence(self, photo: Photo, hints: tuple[Hint, ...]) -> None:
        """Write the map, if one is wished; raises :class:`UnwritablePhoto`."""
        if self.wishes.confidence is not None:
            values = confidence_of(self, photo, hints)
            write_confidence(values, (photo.height, photo.width), self.wishes.confidence)

    def _check_places(self, source: Any, result: Path) -> None:
        """See that neither the result nor what lies beside it replaces the photograph, or other."""
        numbers = range(1, self.wishes.alternatives + 1)
        others = [alternative_beside(result, number) for number in numbers]
        places = [result, *others]
        places += [self.wishes.confidence] if self.wishes.confidence is not None else []
        taken = [Path(source)] if isinstance(source, str | Path) else []
        for place in places:
            for other in taken:
                if is_same_file(place, other):
                    message = f"{place} would be written in place of {other}: choose another name"
                    raise WrongInput(message)
            taken.append(place)
        for place in others:
            if is_file(place) and not self.wishes.overwrite and not is_ours(place):
                message = f"{place} is there, and no result of ours; --overwrite replaces it"
                raise WrongInput(message)

    def _kept(self, sidecar: Path, size: tuple[int, int]) -> tuple[Hint, ...]:
        kept = read_hints(sidecar)
        try:
            hints = kept.fitted(*size)
            check_hints(hints, *size)
            if hints:
                self._check_takes_hints()
        except WrongInput as error:
            cures = "--no-sidecar colors without it, --forget-hints drops what it holds"
            message = f"{sidecar.name}: {error} ({cures})"
            raise WrongInput(message) from error
        return hints

    def _check_takes_hints(self) -> None:
        if "hints" not in self.session.card.inputs:
            message = f"the model {self.session.card.name} takes no hints"
            raise WrongInput(message)

    def _keep(
        self,
        sidecar: Path,
        staged: Path | None,
        hints: tuple[Hint, ...],
        photo: Photo,
        name: str,
    ) -> None:
        """Write the sidecar, or remove it where nothing is hinted any more."""
        size = (photo.height, photo.width)
        if hints:
            anew = self.wishes.forget or not is_file(sidecar)
            if not anew and read_hints(sidecar) == HintFile(hints, size):
                return
            try:
                with aside(sidecar, staged) as path:
                    write_hints(path, hints, name, size)
            except UnwritablePhoto as error:
                message = f"{error} (--no-sidecar colors without keeping the hints)"
                raise UnwritablePhoto(message) from error
        elif self.wishes.forget and is_file(sidecar):
            try:
                sidecar.unlink(missing_ok=True)
            except OSError as error:
                message = f"cannot remove the hints {sidecar}: {reason_of(error)}"
                raise WrongInput(message) from error

    def _write_others(
        self,
        photo: Photo,
        destination: Path,
        staged: Path | None,
        hints: tuple[Hint, ...],
        options: dict[str, Any],
    ) -> int:
        """The confidence map and the alternatives, ``name.color-1.jpg`` and so on; how many."""
        self.write_confidence(photo, hints)
        if not self.wishes.alternatives:
            return 0
        found = find_alternatives(self, photo, self.wishes.alternatives, hints)
        for number, alternative in enumerate(found, 1):
            with aside(alternative_beside(destination, number), staged) as path:
                super().save(photo, path, hints=alternative.hints, **options)
        return len(found)


def _is_source(path: Path, source: Any) -> bool:
    return isinstance(source, str | Path) and is_same_file(path, Path(source))


def _remove_results(paths: Iterable[Path]) -> None:
    """Remove what of these is there and is ours; leave everything else."""
    for path in paths:
        if is_ours(path):
            with suppress(OSError):
                path.unlink()


def _check_one_page(photo: Photo) -> None:
    if photo.format in PAGED and photo.frames > 1:
        message = (
            f"hints, alternatives and maps are for photographs of one page; it has {photo.frames}"
        )
        raise WrongInput(message)
