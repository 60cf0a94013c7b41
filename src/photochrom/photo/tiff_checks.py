"""What of a TIFF's page is refused, before anything is allocated for its pixels."""

from __future__ import annotations

from photochrom.errors import PhotoTooLarge, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import tiff_tags as t
from photochrom.photo.tiff import TiffFacts
from photochrom.photo.tiff_layout import MOST_GROWTH

# Of the other compressions. Zstandard's shortest block stands for so many bytes, and a blank page
# takes hardly fewer in the codings of pictures; below some size, it says nothing.
_MOST_OTHER_GROWTH = 32_768
_ALWAYS_SMALL = 1 << 24
_MOST_CHANNELS = 64  # Photoshop has 56 at most
_RAW = (32803, 34892)  # photometric interpretations: mosaics of colors
_ADVICE = "save it as 8 or 16-bit gray or RGB"
_UNSIGNED_ADVICE = "save it as gray or RGB of 8 or 16 bits without a sign"


def check_page(facts: TiffFacts) -> None:
    """Refuse what cannot be read faithfully.

    Raises:
        UnsupportedPhoto: floating point, signed, beyond 16 bits, rare colors, raw data.
        UnreadablePhoto: the file ends before its pixels do, or its tags contradict each other.
        PhotoTooLarge: its pixels unpack to far more than any photograph's. The texts are the
            reasons alone.
    """
    _check_kind(facts)
    if facts.claimed_bytes > facts.file_size:
        # Thousands of tags over the same bytes: Pillow would read every one of them.
        message = "it is damaged (its tags lie over each other)"
        raise UnreadablePhoto(message)
    packed = facts.file_size
    if facts.compression != t.OLD_JPEG:
        _check_places(facts)
        packed = int(facts.segments[1].sum())
    _check_claims(facts, packed)


def _check_places(facts: TiffFacts) -> None:
    """Refuse strips or tiles that are missing, or that end before their pixels do."""
    grid, (offsets, _), end = facts.grid, facts.segments, facts.file_size
    height, width = facts.size
    if grid.is_tiled and grid.rows * grid.columns > max(height * width, _ALWAYS_SMALL):
        message = f"it is damaged (its tiles are of {grid.columns} x {grid.rows} pixels)"
        raise UnreadablePhoto(message)
    name = "tiles" if grid.is_tiled else "strips"
    if len(offsets) < grid.count:
        message = f"it is cut short: {len(offsets):,} of its {grid.count:,} {name} are there"
        raise UnreadablePhoto(message)
    if offsets.min() < 1:
        message = f"it is damaged (some of its {name} are nowhere in the file)"
        raise UnreadablePhoto(message)
    is_plain = facts.compression == t.PLAIN and facts.photometric != t.YCBCR
    if (offsets + (grid.least_bytes() if is_plain else 1) > end).any():
        message = "it is cut short"
        raise UnreadablePhoto(message)


def _check_claims(facts: TiffFacts, packed: int) -> None:
    """Refuse more bytes of pixels than the ``packed`` ones of all strips can hold."""
    if facts.compression == t.PLAIN and packed > facts.file_size:
        message = "it is damaged (its strips lie over each other)"
        raise UnreadablePhoto(message)
    packed = min(packed, facts.file_size)
    height, width = facts.size
    raw = height * width * facts.channels * facts.bits // 8
    if facts.photometric == t.YCBCR:  # chroma may be a quarter
        raw = raw // 2
    growth = MOST_GROWTH.get(facts.compression)
    if growth and raw > growth * packed:
        message = "it is cut short"
        raise UnreadablePhoto(message)
    if raw > max(_MOST_OTHER_GROWTH * packed, _ALWAYS_SMALL):
        message = f"it claims {raw:,} bytes of pixels in {packed:,}, which is no photograph"
        raise PhotoTooLarge(message)
    if facts.photometric == t.YCBCR and facts.compression == t.PLAIN and packed < 2 * raw:
        message = "its YCbCr pixels are subsampled but not JPEG; save it as 8-bit RGB"
        raise UnsupportedPhoto(message)


def _check_kind(facts: TiffFacts) -> None:
    """Refuse what no length of the file could help."""
    formats = set(facts.numbers(t.SAMPLE_FORMAT) or (t.UNSIGNED,))
    depths = (facts.numbers(t.BITS) or (1,))[: facts.channels]
    message = ""
    if t.DNG_VERSION in facts.tags or facts.photometric in _RAW:
        message = "it is a raw camera file; develop it first"
    elif t.FLOAT in formats:
        message = "its pixels are floating point; save it as 16-bit gray or RGB"
    elif not _has_levels(facts, formats):
        kind = "signed" if t.SIGNED in formats else "complex" if formats - {t.UNSIGNED} else "whole"
        message = f"its pixels are {kind} numbers of {facts.bits} bits; {_UNSIGNED_ADVICE}"
    elif not facts.colors:
        message = f"its colors are of a rare kind (photometric {facts.photometric}); {_ADVICE}"
    elif facts.photometric == t.CMYK and (facts.number(t.INK_SET, 1) != 1 or facts.channels < 4):
        message = f"its inks are not CMYK; {_ADVICE}"
    elif facts.channels < facts.colors:
        message = f"it has {facts.channels} of its {facts.colors} channels of color; {_ADVICE}"
    elif facts.channels > _MOST_CHANNELS:
        message = f"it has {facts.channels:,} channels; {_ADVICE}"
    elif len(set(depths)) > 1:
        each = ", ".join(str(depth) for depth in depths)
        message = f"its channels are of different depths ({each} bits); {_ADVICE}"
    if message:
        raise UnsupportedPhoto(message)
    if facts.photometric == t.PALETTE and t.COLOR_MAP not in facts.tags:
        message = "it is damaged (its palette is missing)"
        raise UnreadablePhoto(message)


def _has_levels(facts: TiffFacts, formats: set[int]) -> bool:
    """Whether the samples are levels of up to 16 bits, or numbers that may turn out to be."""
    if facts.is_wide:
        return formats <= {t.UNSIGNED, t.SIGNED}
    is_lab = facts.photometric == t.LAB  # whose a and b are signed by nature
    return 1 <= facts.bits <= 16 and formats <= {t.UNSIGNED, *((t.SIGNED,) if is_lab else ())}
