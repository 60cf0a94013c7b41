"""Where packed strips and tiles end, if their lengths do not tell.

Of a JPEG or a fax that ends too early, libtiff and others give what there is, and gray or white for
the rest. Where it does is told here, as far as there is a mark at its end.
Sources: ITU-T T.4, T.6 and T.81.
"""

from __future__ import annotations

import struct

import numpy as np

from photochrom.errors import UnreadablePhoto
from photochrom.photo import tiff_tags as t
from photochrom.photo.jpeg_luma import END, segments_of
from photochrom.photo.tiff import TiffFacts
from photochrom.photo.tiff_layout import room_of

_JPEGS = (t.JPEG, 33007, 34892)
_GROUP_4 = 4
_TAIL = 16  # writers may fill up to a whole number of words
_FAX_END = (bytes(11) + b"\x01") * 2  # a byte for each bit
_MOST_FAX = 1 << 24


def with_true_ends(facts: TiffFacts) -> TiffFacts:
    """The page with lengths that take in the whole of every JPEG or fax.

    Raises:
        UnreadablePhoto: the file ends within one. The text is the reason alone.
    """
    if facts.compression in _JPEGS:
        find = _jpeg_end
    elif facts.compression in t.FAX:
        find = _fax_end
    else:
        return facts if facts.states_lengths and not facts.is_cut else roomy(facts)
    offsets, lengths = facts.segments
    room = room_of(offsets, facts.file_size)
    places = zip(offsets.tolist(), lengths.tolist(), room.tolist(), strict=True)
    return facts.with_lengths(np.array([find(facts, *place) for place in places], np.int64))


def roomy(facts: TiffFacts) -> TiffFacts:
    """The page with all bytes up to the next strip or tile given to each: decoders stop in time.

    But for those of PackBits, which has no end of its own.
    """
    room = room_of(facts.segments[0], facts.file_size)
    if facts.compression != t.PACKBITS:
        return facts.with_lengths(room)
    places = zip(facts.segments[0].tolist(), room.tolist(), facts.grid.whole_bytes(), strict=True)
    return facts.with_lengths(np.array([_packbits_end(facts, *place) for place in places]))


def _packbits_end(facts: TiffFacts, offset: int, room: int, whole: int) -> int:
    """Bytes that unpack to ``whole`` ones; all of the ``room`` if they do not suffice."""
    facts.file.seek(offset)
    packed = facts.file.read(room)
    at = made = 0
    while made < whole and at < len(packed):
        run = packed[at]
        made += (run + 1) if run < 128 else (257 - run) % 129
        at += (run + 2) if run < 128 else 1 + (run != 128)
    return min(at, room)


def _jpeg_end(facts: TiffFacts, offset: int, length: int, room: int) -> int:
    """Length up to the mark at the end of the picture; as stated where that mark is missing."""
    facts.file.seek(offset + max(0, length - _TAIL))
    if END in facts.file.read(min(length, _TAIL)):
        return length
    facts.file.seek(offset)
    end = _end_of_jpeg(facts.file.read(max(room, length)))
    if end is not None:
        return max(end, length)
    if offset + room == facts.file_size:
        message = "it is cut short"
        raise UnreadablePhoto(message)
    return length


def _end_of_jpeg(data: bytes) -> int | None:
    """Where the picture that some bytes begin ends; None if it does not."""
    try:
        last = list(segments_of(data))[-1]
    except (ValueError, IndexError, struct.error):
        return None
    end = last.at + len(last.payload) + len(last.coded)
    return end + len(END) if data[end : end + len(END)] == END else None


def _fax_end(facts: TiffFacts, offset: int, length: int, room: int) -> int:
    """Length as stated if the fax says that it ends there, else all that there is."""
    is_group_4 = facts.compression == _GROUP_4
    if is_group_4 and _has_fax_end(facts, offset + max(0, length - _TAIL), min(length, _TAIL)):
        return length
    # Of the others, it cannot be told.
    may_be_cut = facts.is_cut or (is_group_4 and not facts.states_lengths)
    is_whole = is_group_4 and _has_fax_end(facts, offset, min(room, _MOST_FAX))
    if may_be_cut and offset + room == facts.file_size and not is_whole:
        message = "it is cut short"
        raise UnreadablePhoto(message)
    return max(room, length)


def _has_fax_end(facts: TiffFacts, offset: int, length: int) -> bool:
    """Whether the mark at the end of a Group 4 fax is among these bytes."""
    facts.file.seek(offset)
    coded = np.frombuffer(facts.file.read(length), np.uint8)
    bits = np.unpackbits(coded, bitorder="little" if facts.has_bits_reversed else "big")
    return _FAX_END in bits.tobytes()
