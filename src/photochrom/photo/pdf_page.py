"""A program of its own, run by ``pdf``: it draws a page of the PDF on its standard input.

It prints one line of JSON, then the rows of the page as RGB:

    {"pages": 12, "size": [height, width], "dpi": [across, down], "pictures": [[height, width]]}

with the largest of its pictures, or ``{"error": reason}``. Without a page as its argument it only
counts them.
"""

from __future__ import annotations

import io
import json
import math
import sys
from typing import Any

DPI = 300
_MOST_PAGES = 10_000
_MOST_OBJECTS = 100_000
_PASSWORD = 4  # PDFium's code of this error
_MARGIN = 0.01
"""Of a pixel, around a picture: without it rounding makes it one pixel more, and blurs it."""


class _Refused(Exception):
    """Its text is the reason, a word for ``pdf``."""


def main() -> None:
    """Answer on standard output."""
    try:
        _answer(sys.argv[1:])
    except _Refused as error:
        _say({"error": str(error)})


def _say(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n")
    sys.stdout.buffer.flush()


def _answer(arguments: list[str]) -> None:
    import pypdfium2

    stream = sys.stdin.buffer
    try:
        document = pypdfium2.PdfDocument(stream if stream.seekable() else io.BytesIO(stream.read()))
    except pypdfium2.PdfiumError as error:
        raise _Refused("locked" if error.err_code == _PASSWORD else "damaged") from error
    pages = len(document)
    if not 1 <= pages <= _MOST_PAGES:
        raise _Refused("damaged" if pages > 0 else "empty")
    if not arguments:
        _say({"pages": pages})
        return
    index = int(arguments[0])
    if index >= pages:
        raise _Refused("no page")
    page = document[index]
    pictures, alone = _pictures(page)
    across, down = _fitted(page, pictures[0]) if alone else (DPI, DPI)
    width, height = (max(1, round(n)) for n in (page.get_width() * across / 72,
                                                page.get_height() * down / 72))  # fmt: skip
    sizes = [picture.get_px_size()[::-1] for picture in pictures]
    largest = sorted(sizes, key=math.prod)[-1:]
    _say({"pages": pages, "size": [height, width], "dpi": [across, down], "pictures": largest})
    _draw(page, width, height)


def _pictures(page: Any) -> tuple[list[Any], bool]:
    """The pictures of a page, and whether one of them is all that is seen there."""
    import pypdfium2.raw as pdfium

    pictures, others = [], 0
    for number, thing in enumerate(page.get_objects()):
        if number > _MOST_OBJECTS:
            raise _Refused("damaged")
        if thing.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(thing)
        elif thing.type == pdfium.FPDF_PAGEOBJ_TEXT:
            # What a scanner recognized lies unseen over its picture.
            mode = pdfium.FPDFTextObj_GetTextRenderMode(thing)
            others += mode != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
        elif thing.type != pdfium.FPDF_PAGEOBJ_FORM:
            others += 1
    return pictures, len(pictures) == 1 and not others


def _fitted(page: Any, picture: Any) -> tuple[float, float]:
    """Dots an inch, across and down the page as seen, at which a picture has its own pixels.

    The page is cut to the picture where that stands upright on it or is turned by right angles.
    """
    import pypdfium2.raw as pdfium

    width, height = picture.get_px_size()
    matrix = picture.get_matrix()
    across, down = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    if min(width, height, across, down) <= 0:
        return DPI, DPI
    horizontal, vertical = width / across * 72, height / down * 72
    is_turned = abs(matrix.b) > abs(matrix.a)
    aslant = min(abs(matrix.a), abs(matrix.b)) / across + min(abs(matrix.c), abs(matrix.d)) / down
    if picture.level or aslant > 1e-3:
        dots = max(horizontal, vertical)
        return (dots, dots) if 1 < dots < 10_000 else (DPI, DPI)
    if is_turned:
        horizontal, vertical = vertical, horizontal
    margins = [72 / horizontal * _MARGIN, 72 / vertical * _MARGIN] * 2
    signs = (-1, -1, 1, 1)
    wanted = [at + sign * margin for at, sign, margin in
              zip(picture.get_bounds(), signs, margins, strict=True)]  # fmt: skip
    bounds = [at + 2 * sign * margin for at, sign, margin in
              zip(page.get_bbox(), signs, margins, strict=True)]  # fmt: skip
    box = [*map(max, wanted[:2], bounds[:2]), *map(min, wanted[2:], bounds[2:])]
    if box[0] < box[2] and box[1] < box[3]:
        pdfium.FPDFPage_SetMediaBox(page, *box)
        pdfium.FPDFPage_SetCropBox(page, *box)
    if page.get_rotation() in (90, 270):
        horizontal, vertical = vertical, horizontal
    return horizontal, vertical


def _draw(page: Any, width: int, height: int) -> None:
    """Write the rows of a page of this size on white, as RGB."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    bitmap = pypdfium2.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
    rows = memoryview(bitmap.buffer).cast("B")
    for at in range(0, height * bitmap.stride, bitmap.stride):
        sys.stdout.buffer.write(rows[at : at + 3 * width])
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
