"""The texts of a PNG, which anybody may give any keyword: read all, and written again.

Source: PNG, third edition (tEXt, zTXt and iTXt chunks).
"""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO

from photochrom.photo.photo import Text
from photochrom.photo.png import chunk, chunks
from photochrom.photo.png_texts import OTHER_KEYWORDS
from photochrom.photo.texts import COMMENT, plain

_KINDS = (b"tEXt", b"zTXt", b"iTXt")
_MOST_BYTES = (1 << 20) - 1  # of a packed text: Pillow refuses a file with a longer one
_MOST_IN_ALL = 32 << 20  # Pillow refuses a file with twice as many
_LONGEST_KEYWORD, _MOST_OF_NAME = 79, 256


def texts_of_png(file: BinaryIO) -> tuple[tuple[Text, ...], tuple[str, ...], BinaryIO]:
    """Texts in the order of the file, keywords of those that cannot be read, and a file without.

    That is the same file where there are none. Metadata that is stored as text is not among them.
    """
    texts, unread, places = [], [], []
    room = _MOST_IN_ALL
    for kind, length in chunks(file):
        if kind not in _KINDS:
            continue
        start = file.tell()
        data = file.read(min(length, _MOST_IN_ALL if room >= 0 else _MOST_OF_NAME))
        text, is_short = _text_of(kind, data)
        if text.keyword.startswith(OTHER_KEYWORDS):
            continue
        room -= max(length, len(text.text) if is_short else _MOST_BYTES)
        if is_short and room >= 0:
            texts.append(text)
        else:
            unread.append(text.keyword)
            places.append((start - 8, start + length + 4))
    file.seek(0)
    return tuple(texts), tuple(unread), _without(file, places) if places else file


def text_chunk(text: Text) -> bytes:
    """The chunk that states a text: in Latin-1 where that has its letters, else in UTF-8."""
    keyword = _keyword(text.keyword)
    said = plain(text)
    if not text.language and not text.translated:
        try:
            return chunk(b"tEXt", keyword + b"\0" + said.encode("latin-1"))
        except UnicodeEncodeError:
            pass
    language = text.language.encode("ascii", "replace")
    head = b"\0".join((keyword, b"\0\0" + language, text.translated.encode("utf-8", "replace")))
    return chunk(b"iTXt", head + b"\0" + said.encode("utf-8", "replace"))


def _keyword(keyword: str) -> bytes:
    """A keyword of the letters that one may have."""
    plain = "".join(c if c.isprintable() else " " for c in keyword)
    stored = " ".join(plain.split()).encode("latin-1", "replace")[:_LONGEST_KEYWORD].strip()
    return stored or COMMENT.encode()


def _text_of(kind: bytes, data: bytes) -> tuple[Text, bool]:
    """The text of a chunk, and whether it can be read; empty where it cannot, or is damaged."""
    stored, _, rest = data.partition(b"\0")
    keyword, names = stored.decode("latin-1"), ("", "")
    is_packed, method, encoding = kind == b"zTXt", rest[:1], "latin-1"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        is_packed, method, encoding = rest[:1] == b"\1", rest[1:2], "utf-8"
        language, _, rest = rest[2:].partition(b"\0")
        translated, _, rest = rest.partition(b"\0")
        names = language.decode("ascii", "replace"), translated.decode("utf-8", "replace")
    body = _unpacked(method, rest) if is_packed else rest
    text = Text(keyword, (body or b"").decode(encoding, "surrogateescape"), *names)
    return text, body is not None


def _unpacked(method: bytes, data: bytes) -> bytes | None:
    """The bytes packed in these; None where they are too many or of a method that nobody knows.

    Nothing where they are damaged.
    """
    inflate = zlib.decompressobj()
    try:
        found = inflate.decompress(data, _MOST_BYTES)
    except zlib.error:
        found = b""
    return None if inflate.unconsumed_tail or method not in (b"", b"\0") else found


def _without(file: BinaryIO, places: list[tuple[int, int]]) -> BinaryIO:
    """The file without some of its bytes."""
    kept, position = io.BytesIO(), 0
    for start, stop in places:
        file.seek(position)
        kept.write(file.read(start - position))
        position = stop
    file.seek(position)
    kept.write(file.read())
    kept.seek(0)
    return kept
