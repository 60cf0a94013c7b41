"""Photo in, photo out."""

from __future__ import annotations

import io
import threading
from collections.abc import Generator, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Unpack, overload

import numpy as np
from PIL import Image

from photochrom.errors import WrongInput
from photochrom.inference.hints import Hint
from photochrom.inference.names import as_path, format_of_name, is_same_file
from photochrom.inference.options import Writing
from photochrom.inference.pages import place_beside, transfer
from photochrom.inference.planes import chroma_planes
from photochrom.inference.predictor import Predictor
from photochrom.inference.session import Chroma
from photochrom.inference.settings import Settings
from photochrom.inference.steering import steering_by
from photochrom.inference.tint import Tint, as_image, laid_out
from photochrom.inference.view import seen_at
from photochrom.photo.decode import Source, read, read_pages
from photochrom.photo.encode import write
from photochrom.photo.photo import Photo
from photochrom.photo.provenance import Provenance
from photochrom.weights.models import DEFAULT

if TYPE_CHECKING:
    from photochrom.inference.folder.jobs import Outcome
    from photochrom.inference.palette import Palette


class Colorizer(Predictor):
    """Colorizes photographs with one loaded model; may be used from several threads."""

    def __init__(
        self,
        model: str | PathLike[str] = DEFAULT,
        *,
        vividness: float | None = None,
        rebalance: float | None = None,
        temperature: float | None = None,
        strength: float = 1.0,
        size: int | None = None,
        upsampling: str = "bicubic",
        reference: Source | None = None,
        palette: str | PathLike[str] | Sequence[str] | Palette | None = None,
        influence: float | None = None,
        keep_tint: bool = False,
        threads: int | None = None,
        device: str = "cpu",
    ) -> None:
        """Load ``model``: a name, an exported file or a run folder. See :class:`Settings`.

        ``reference``, a picture in color (path, bytes, PIL image or array), or ``palette``
        (``"#1f6f78,#e08a3c"``, with weights ``"#1f6f78:2,#e08a3c:1"``, a ``.json`` file or a list
        of colors) steers every photograph, by an ``influence`` of 0..1 (usually 0.7).
        ``threads`` limits the cores used for one picture; ``device`` is "cpu", "auto" or another
        that ONNX Runtime has here, such as "cuda". May be pickled: it is then loaded again from
        what it was made of. Raises :class:`WrongInput`,
        :class:`UnknownName`, :class:`ModelError`, or :class:`PhotoError` for the reference.
        """
        steering = steering_by(as_path(reference), as_path(palette), influence)
        if steering and rebalance is not None:
            message = "a reference or palette says how frequent colors are: leave out rebalance"
            raise WrongInput(message)
        settings = Settings(
            vividness, rebalance, temperature, strength, size, upsampling, keep_tint,
            str(steering or ""),
        )  # fmt: skip
        super().__init__(model, settings, steering=steering, threads=threads, device=device)

    @overload
    def __call__(self, photo: str, *, hints: Sequence[Hint] = ()) -> str: ...
    @overload
    def __call__(self, photo: PathLike[str], *, hints: Sequence[Hint] = ()) -> Path: ...
    @overload
    def __call__(
        self, photo: bytes | bytearray | memoryview, *, hints: Sequence[Hint] = ()
    ) -> bytes: ...
    @overload
    def __call__(self, photo: Image.Image, *, hints: Sequence[Hint] = ()) -> Image.Image: ...
    @overload
    def __call__(self, photo: np.ndarray, *, hints: Sequence[Hint] = ()) -> np.ndarray: ...
    def __call__(
        self, photo: Source, *, hints: Sequence[Hint] = ()
    ) -> str | Path | bytes | Image.Image | np.ndarray:
        """Colorize a photograph; what comes out is of the kind that went in.

        A path gives the path of a new file beside it (``grandma.color.jpg``), bytes give bytes in
        the same format (JPEG for HEIC, PNG for others that are not written; several pages of a PDF
        become a TIFF, beside its path, too), a PIL image gives a PIL image (of 8 bits: Pillow has
        no deeper color; give its array to keep 16), and an array ``(H, W)`` or ``(H, W, C)``
        gives an array ``(H, W, 3)`` of its dtype (uint8, uint16, or float in 0..1), with alpha
        ``(H, W, 4)`` if it has any. ``hints`` are colors that places of it are to have. Raises
        :class:`PhotoError` if the photograph cannot be read, and :class:`WrongInput` for hints
        outside of it or a model that takes none.
        """
        if isinstance(photo, str | PathLike):
            path = Path(as_path(photo))
            destination = place_beside(path)
            self.save(path, destination, hints=hints)
            return str(destination) if isinstance(photo, str) else destination
        if isinstance(photo, bytes | bytearray | memoryview):
            buffer = io.BytesIO()
            transfer(self, photo, buffer, None, hints=hints)
            return buffer.getvalue()
        source = read(photo)
        if isinstance(photo, Image.Image):
            tint = self.tint(source, hints=hints)
            return as_image(tint.rgb(0, tint.height), source)
        colored = self._as_array(source, hints)
        if np.issubdtype(photo.dtype, np.floating):
            return (colored / np.iinfo(colored.dtype).max).astype(photo.dtype)
        return colored.astype(photo.dtype, copy=False)  # the order of its bytes, too

    def pages(
        self, source: str | PathLike[str] | bytes | bytearray | memoryview
    ) -> Iterator[np.ndarray]:
        """Colorize the pages of a TIFF or PDF one after the other; any other file is a single page.

        Yields arrays ``(H, W, 3)``, or ``(H, W, 4)`` with alpha, uint8 or uint16 by each page's
        depth, upright and in sRGB. Only one page is held at a time. Raises :class:`PhotoError`,
        which names the page, if one cannot be read.
        """
        for photo in read_pages(source):
            yield self._as_array(photo)

    def _as_array(self, photo: Photo, hints: Sequence[Hint] = ()) -> np.ndarray:
        tint = self.tint(photo, hints=hints)
        rgb = tint.rgb(0, tint.height)
        return rgb if photo.alpha is None else np.dstack((rgb, photo.alpha))

    def save(
        self,
        source: Source | Photo,
        destination: str | PathLike[str],
        *,
        final: Path | None = None,
        **options: Unpack[Writing],
    ) -> Photo:
        """Read ``source`` and write it colored to a file; the suffix chooses the format.

        All pages of a TIFF or PDF go into a TIFF; of other files with several, and into other
        formats, it is the first. ``final`` is where who calls will move the file to, for colorizers
        that keep something beside results. Options as for :meth:`write`. Returns the photograph
        read, the first page, whose ``frames`` is more than 1 where others were left out (or the one
        given: what :func:`photochrom.photo.decode.read` returned is taken too). The source is never
        touched.
        """
        source, destination = as_path(source), Path(as_path(destination))
        kind = format_of_name(destination)
        if isinstance(source, str | Path) and is_same_file(Path(source), destination):
            message = f"{destination} is the photograph itself: the result needs another name"
            raise WrongInput(message)
        return transfer(self, source, destination, kind, **options)

    def for_trial(self, folder: Path) -> Colorizer:
        """One like this whose :meth:`save` writes nothing but below ``folder``, its results too."""
        return self

    def write(
        self,
        photo: Photo,
        destination: str | PathLike[str] | BinaryIO,
        *,
        format: str,
        quality: int | None = None,
        side_by_side: bool = False,
        provenance: bool = True,
        hints: Sequence[Hint] = (),
    ) -> bool:
        """Colorize and encode to a path or binary stream; whether the result has any color.

        ``format`` is JPEG, PNG, TIFF, WEBP or AVIF; ``side_by_side`` puts the gray original on the
        left; ``provenance`` marks in EXIF and XMP that the colors are simulated, and how;
        ``hints`` are colors that places of the photograph are to have.
        """
        tint = self.tint(photo, hints=hints)
        coloring, alpha = laid_out(photo, tint, side_by_side=side_by_side)
        write(
            coloring,
            as_path(destination),
            format=format,
            metadata=photo.metadata,
            alpha=alpha,
            quality=quality,
            provenance=self.provenance(len(hints)) if provenance else None,
            compression=photo.compression,
            jpeg=photo.jpeg,
        )
        return not tint.is_gray

    def folder(
        self,
        inputs: Sequence[str | PathLike[str]] | str | PathLike[str],
        *,
        output: str | PathLike[str] | None = None,
        format: str | None = None,
        overwrite: bool = False,
        retry_failed: bool = False,
        shard: str | None = None,
        workers: int | None = None,
        stop: threading.Event | None = None,
        quality: int | None = None,
        side_by_side: bool = False,
        provenance: bool = True,
    ) -> Generator[Outcome, None, None]:
        """Colorize files, folders with all below them, and patterns; yield each one's outcome.

        A photograph that fails never stops the rest. The run keeps a record in ``.photochrom`` of
        ``output`` (or of the folder itself where results lie beside their sources), so that the
        same call continues after an interruption of any kind. A loop that may fail in between best
        stands in ``contextlib.closing``: the run else ends when Python cleans up.

        Args:
            inputs: one or several files, folders or patterns such as ``scans/**/*.tif``.
            output: the folder of the results, or one file. Without it each lies beside its source.
            format: JPEG, PNG, TIFF, WEBP or AVIF; without it the source's own.
            overwrite: make again what is there, but for what these very settings made of it.
            retry_failed: try again what failed before though neither it nor the settings changed.
            shard: ``i/n``, one of n parts of the work, each for a process or machine of its own.
            workers: photographs at a time; as many as keep all cores busy unless told.
            stop: once set, nothing new is begun.
            quality: as for :meth:`write`.
            side_by_side: the same.
            provenance: the same.

        Raises, when it is first asked for an outcome, :class:`WrongInput` if another run is at work
        on the same, and later :class:`UnwritablePhoto` if the disk is full.
        """
        from photochrom.inference.folder.decision import Rules
        from photochrom.inference.folder.plan import Plan
        from photochrom.inference.folder.run import Run, spread
        from photochrom.inference.folder.shard import Shard

        chosen = [inputs] if isinstance(inputs, str | PathLike) else inputs
        part = None if shard is None else Shard.parse(shard)
        place = as_path(output)
        plan = Plan([str(as_path(one)) for one in chosen], output=place, format=format, shard=part)
        colorizer, workers = spread(self, workers)
        rules = Rules(overwrite=overwrite, retry_failed=retry_failed)
        writing = {"quality": quality, "side_by_side": side_by_side, "provenance": provenance}
        with Run(colorizer, plan, rules=rules, workers=workers, **writing) as run:
            yield from run.color(plan, stop=stop)

    def tint(
        self, photo: Photo, chroma: Chroma | None = None, *, hints: Sequence[Hint] = ()
    ) -> Tint:
        """The photograph with its new chroma, ready to give any rows.

        ``chroma`` is what :meth:`predict` said of it, where that is known already.
        """
        ab = (chroma or self.predict(photo, hints=hints)).ab * self.settings.strength
        cb, cr = chroma_planes(photo, ab, upsampling=self.settings.upsampling, hints=hints)
        if self.settings.keep_tint and photo.tone is not None:
            under = photo.tone.chroma(seen_at(photo, cb.shape))
            cb, cr = cb + under[0], cr + under[1]
        return Tint(photo.luma, cb, cr)

    def kept_hints(self, source: Path, destination: Path) -> int:
        """How many hints that were kept beside the result will be applied."""
        return 0

    def provenance(self, hints: int = 0) -> Provenance:
        """What results say of how they were made, and with how many hints."""
        from photochrom import __version__

        card, (rebalance, temperature) = self.session.card, self.dial
        size = self.settings.size or card.working_size
        settings = f"strength={self.settings.strength:g} size={size}"
        if self.settings.keep_tint:
            settings += " tint=kept"
        if self.steering:
            settings = f"temperature={temperature:.4g} {settings} {self.steering}"
        elif "rebalance" in card.inputs:
            settings = f"rebalance={rebalance:.4g} temperature={temperature:.4g} " + settings
        if self.vividness is not None:
            settings = f"vividness={self.vividness:g} {settings}"
        settings += f" hints={hints}" if hints else ""
        settings += "" if self.session.device == "cpu" else f" device={self.session.device}"
        return Provenance(
            software=f"photochrom {__version__}",
            model=card.name,
            version=card.version,
            settings=settings,
        )
