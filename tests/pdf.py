"""PDF files for tests, written by hand: a picture on a page, however it is placed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

PAGE = b"/MediaBox[0 0 595 842]"
PLACED = b"q 307.2 0 0 230.4 33.37 41.11 cm /X Do Q"


def document(objects: Sequence[bytes], more: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1, the first of which is the catalog."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (size, more, start)
    return bytes(out)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def picture(samples: np.ndarray, entries: bytes = b"") -> bytes:
    """The object of a picture (H, W) or (H, W, 3), uint8, not packed."""
    height, width = samples.shape[:2]
    space = b"DeviceGray" if samples.ndim == 2 else b"DeviceRGB"
    head = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/%s%s"
    return stream(samples.tobytes(), head % (width, height, space, entries))


def one_page(thing: bytes, content: bytes = PLACED, page: bytes = PAGE, *more: bytes) -> bytes:
    """A page of this content, whose ``/X`` is the thing; further objects are numbered from 6."""
    resources = b"/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>"
    return document([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R%s%s>>" % (page, resources), stream(content), thing, *more,
    ])  # fmt: skip


def album(pictures: Sequence[np.ndarray], dpi: int = 72) -> bytes:
    """Each picture fills a page of its own."""
    kids = b" ".join(b"%d 0 R" % (3 + 3 * index) for index in range(len(pictures)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>",
               b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pictures))]  # fmt: skip
    for index, samples in enumerate(pictures):
        height, width = (side * 72 / dpi for side in samples.shape[:2])
        number = 3 + 3 * index
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %f %f]/Contents %d 0 R" % (
            width, height, number + 1)  # fmt: skip
        objects += [page + b"/Resources<</XObject<</X %d 0 R>>>>>>" % (number + 2),
                    stream(b"q %f 0 0 %f 0 0 cm /X Do Q" % (width, height)),
                    picture(samples)]  # fmt: skip
    return document(objects)
