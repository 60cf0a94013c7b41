"""Old-style JPEG in a TIFF (compression 6): the JPEG file that its pieces make.

Writers put them in several ways: a whole JPEG file somewhere, with or without strips that point
into it; its headers there, and the coded data in strips; or tables that tags point to.
Source: TIFF 6.0, section 22; Adobe's technical note 2, which says why it was given up.
"""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import tiff_tags as t
from photochrom.photo.jpeg import open_jpeg, read_jpeg
from photochrom.photo.jpeg_luma import END, Segment, segments_of
from photochrom.photo.photo import Metadata
from photochrom.photo.pixels import Pixels
from photochrom.photo.tiff import TiffFacts
from photochrom.photo.tiff_codings import not_read
from photochrom.photo.tiff_layout import room_of

_START = b"\xff\xd8"
_DQT, _SOF, _DHT, _SOS, _DRI = 0xDB, 0xC0, 0xC4, 0xDA, 0xDD
_FRAMES = (0xC0, 0xC1, 0xC2)
_SMALL = 1 << 20
_RESTARTS = range(0xD0, 0xD8)


def read_old_jpeg(facts: TiffFacts, metadata: Metadata) -> tuple[Pixels, Metadata]:
    """Pixels of the page as stored, and the metadata with the profile that they have now.

    Raises:
        UnsupportedPhoto: its pieces make no JPEG.
        UnreadablePhoto: cut short or damaged. The texts are the reasons alone.
    """
    data = jpeg_of(facts)
    height, width = facts.size
    image = open_jpeg(data)
    across, down = image.size
    if down < height or across < width or down * across > 2 * max(height * width, _SMALL):
        message = (
            f"it is damaged (a page of {width} x {height} pixels holds a picture of "
            f"{across} x {down})"
        )
        raise UnreadablePhoto(message)
    pixels, metadata = read_jpeg(data, image, metadata)
    luma = pixels.luma[:height, :width]
    is_inverted = image.mode == "L" and facts.photometric == t.WHITE_IS_ZERO
    # A TIFF's luma is not coded into the result as it is.
    return replace(pixels, luma=np.invert(luma) if is_inverted else luma, jpeg=None), metadata


def jpeg_of(facts: TiffFacts) -> bytes:
    """The page as a JPEG file.

    Raises :class:`UnsupportedPhoto` where its pieces make none.
    """
    offsets, strips = facts.segments[0].tolist(), _strips(facts)
    start = facts.number(t.JPEG_STREAM, 0)
    stated = _read(facts, start, facts.number(t.JPEG_STREAM_BYTES, 0)) if start else b""
    needs_more = start and len(strips) < 2 and not _whole(stated, must_end=True)
    rest = _read(facts, start, facts.file_size) if needs_more else b""
    pieces = [(start, stated), (start, rest), *zip(offsets, strips, strict=True)]
    for must_end in (True, False):
        for place, piece in pieces if len(strips) < 2 else pieces[:must_end]:
            whole = _whole(piece, must_end=must_end)
            # A strip elsewhere says that these are headers alone.
            inside = range(len(whole)) if piece is stated else (0, _coded_start(piece))
            if whole and (not offsets or offsets[0] - place in inside):
                return whole
    if facts.grid.is_tiled or not strips:
        raise UnsupportedPhoto(not_read(facts))
    headers = _headers(facts, [*_segments(strips[0]), *_segments(stated or rest)], len(strips))
    coded = _joined([_coded(strip) for strip in strips])
    return b"".join((_START, *(bytes(segment) for segment in headers), coded, END))


def _headers(facts: TiffFacts, found: list[Segment], strips: int) -> list[Segment]:
    """Tables, frame and scan: as ``found`` in the file, else as the tags have them."""
    by_kind = {kind: [s for s in found if s.marker == kind] for kind in (_DQT, _DHT, _SOS, _DRI)}
    frames = [segment for segment in found if segment.marker in _FRAMES]
    tables = by_kind[_DQT] or _quantization(facts)
    codes = by_kind[_DHT] or _huffman(facts)
    if not tables or not codes or facts.bits != 8:
        raise UnsupportedPhoto(not_read(facts))
    frame = _of_size(frames[0], facts) if frames else _frame(facts)
    interval = _interval(facts, frame, by_kind[_DRI], strips)
    scan = Segment(_SOS, by_kind[_SOS][0].payload) if by_kind[_SOS] else _scan(frame)
    return [*tables, *codes, frame, Segment(_DRI, struct.pack(">H", interval)), scan]


def _interval(facts: TiffFacts, frame: Segment, stated: list[Segment], strips: int) -> int:
    """Blocks of a restart: as stated, else those of a strip if there are several."""
    interval = facts.number(t.JPEG_RESTARTS, 0)
    if stated and len(stated[0].payload) >= 2:
        interval = int.from_bytes(stated[0].payload[:2])
    if interval or strips < 2:
        return interval
    sampling = [frame.payload[7 + 3 * channel] for channel in range(frame.payload[5])]
    across, down = 8 * max(each >> 4 for each in sampling), 8 * max(each & 15 for each in sampling)
    return -(-facts.grid.width // across) * -(-facts.grid.rows // down)


def _quantization(facts: TiffFacts) -> list[Segment]:
    """Tables of steps at the offsets that a tag states, one for each channel."""
    places = facts.numbers(t.JPEG_QUANTIZATION)[: facts.channels]
    return [
        Segment(_DQT, bytes((channel,)) + _read(facts, place, 64))
        for channel, place in enumerate(places)
    ]


def _huffman(facts: TiffFacts) -> list[Segment]:
    """Tables of codes at the offsets that two tags state, one of each kind for each channel."""
    if not facts.numbers(t.JPEG_DC) or not facts.numbers(t.JPEG_AC):
        return []
    made = []
    for kind, tag in enumerate((t.JPEG_DC, t.JPEG_AC)):
        for channel, place in enumerate(facts.numbers(tag)[: facts.channels]):
            counts = _read(facts, place, 16)
            codes = counts + _read(facts, place + 16, sum(counts))
            made.append(Segment(_DHT, bytes((kind << 4 | channel,)) + codes))
    return made


def _frame(facts: TiffFacts) -> Segment:
    """The header of a frame with tables of its own for each channel."""
    across, down = (*facts.numbers(t.SUBSAMPLING)[:2], 2, 2)[:2] if facts.channels == 3 else (1, 1)
    height, width = facts.size
    payload = struct.pack(">BHHB", 8, height, width, facts.channels)
    for channel in range(facts.channels):
        sampling = (across << 4 | down) if channel == 0 else 0x11
        payload += bytes((channel + 1, sampling, channel))
    return Segment(0xC1, payload)  # baseline has room for two tables of a kind


def _of_size(frame: Segment, facts: TiffFacts) -> Segment:
    """A frame of the page's height, where it is that of a strip."""
    height = max(facts.size[0], struct.unpack(">H", frame.payload[1:3])[0])
    return replace(frame, payload=frame.payload[:1] + struct.pack(">H", height) + frame.payload[3:])


def _scan(frame: Segment) -> Segment:
    """The header of a scan of all of a frame's channels, each with tables of its own."""
    channels = frame.payload[5]
    payload = bytes((channels,))
    for channel in range(channels):
        payload += bytes((frame.payload[6 + 3 * channel], channel << 4 | channel))
    return Segment(_SOS, payload + bytes((0, 63, 0)))


def _joined(parts: list[bytes]) -> bytes:
    """Coded data of strips, restarts between them where they have none."""
    out, number = b"", 0
    for index, part in enumerate(parts):
        ends = part[-2:-1] == b"\xff" and part[-1] in _RESTARTS
        out += part
        if ends:
            number = part[-1] - _RESTARTS.start + 1
        elif index < len(parts) - 1:
            out += bytes((0xFF, _RESTARTS.start + number % 8))
            number += 1
    return out


def _coded(strip: bytes) -> bytes:
    """A strip's coded data, without headers and the mark at its end."""
    segments = _segments(strip) if strip.startswith(_START) else []
    scans = [segment for segment in segments if segment.marker == _SOS]
    coded = bytes(scans[0].coded) if scans else strip
    end = coded.find(END)
    return coded if end < 0 else coded[:end]


def _whole(data: bytes, *, must_end: bool) -> bytes:
    """The JPEG file that some bytes begin, with a mark at its end; empty if they begin none.

    ``must_end``: or if that mark is missing.
    """
    segments = _segments(data)
    if {segment.marker for segment in segments}.isdisjoint(_FRAMES) or not segments[-1].coded:
        return b""
    end = segments[-1].at + len(segments[-1].payload) + len(segments[-1].coded)
    return b"" if must_end and data[end : end + 2] != END else data[:end] + END


def _coded_start(data: bytes) -> int:
    """Where the coded data of the JPEG file that some bytes begin begins; 0 if there is none."""
    scans = (segment for segment in _segments(data) if segment.marker == _SOS)
    return next((scan.at + len(scan.payload) for scan in scans), 0)


def _segments(data: bytes) -> list[Segment]:
    """Segments of a JPEG file's beginning, as far as there are some."""
    found: list[Segment] = []
    if not data.startswith(_START):
        return found
    try:
        for segment in segments_of(data):
            found.append(segment)
    except (ValueError, IndexError, struct.error):
        pass
    return found


def _strips(facts: TiffFacts) -> list[bytes]:
    """Bytes of the strips; of one without a usable length, up to the next."""
    offsets, lengths = facts.segments
    room = room_of(offsets, facts.file_size)
    stated = np.zeros_like(room)
    stated[: len(lengths)] = lengths[: len(room)]
    sizes = np.where((stated > 0) & (stated <= facts.file_size - offsets), stated, room)
    return [_read(facts, *place) for place in zip(offsets.tolist(), sizes.tolist(), strict=True)]


def _read(facts: TiffFacts, offset: int, length: int) -> bytes:
    """Bytes of the file, fewer at its end."""
    if offset >= facts.file_size:
        return b""
    facts.file.seek(offset)
    return facts.file.read(min(length, facts.file_size - offset))
