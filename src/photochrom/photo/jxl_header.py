"""The header of a JPEG XL codestream, before anything is decoded: size, depth, curve.

Source: ISO/IEC 18181-1, annexes B (fields), D (image header) and E (color encoding).
"""

from __future__ import annotations

from dataclasses import dataclass

from photochrom.errors import UnreadablePhoto

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_GRAY, _XYB = 1, 2
_CUSTOM = 2
_ALPHA, _SPOT, _MOSAIC = 0, 2, 5
_SRGB = 13


@dataclass(frozen=True)
class JxlHeader:
    """What a picture is. Sizes are as it is to be seen, upright.

    ``transfer`` is the code of its curve (13: sRGB) unless it is a power: ``gamma``, where light is
    level to the power of 1 / gamma. ``has_profile``: that stands in an ICC profile instead.
    """

    height: int
    width: int
    bits: int = 8
    is_float: bool = False
    is_gray: bool = False
    is_xyb: bool = True
    is_associated: bool = False
    has_profile: bool = False
    transfer: int = _SRGB
    gamma: float = 0.0
    frames: int = 1


class _Bits:
    """Numbers of any width, from the lowest bit of each byte on."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def number(self, width: int) -> int:
        """The next ``width`` bits. Raises UnreadablePhoto behind the end."""
        if width > self._left:
            message = "it is cut short"
            raise UnreadablePhoto(message)
        found = self._value & ((1 << width) - 1)
        self._value, self._left = self._value >> width, self._left - width
        return found

    def flag(self) -> bool:
        return bool(self.number(1))

    def choice(self, *ways: tuple[int, int]) -> int:
        """Two bits choose one of four (least, width of what is added)."""
        least, width = ways[self.number(2)]
        return least + self.number(width)

    def enum(self) -> int:
        return self.choice((0, 0), (1, 0), (2, 4), (18, 6))


def read_jxl_header(data: bytes) -> JxlHeader:
    """The header in the first bytes of a codestream.

    Raises :class:`UnreadablePhoto`; the text is the reason alone.
    """
    if data[:2] != b"\xff\x0a":
        message = "it is damaged"
        raise UnreadablePhoto(message)
    bits = _Bits(data[2:])
    height, width = _size(bits)
    if bits.flag():  # all as it is by default
        return JxlHeader(height, width)
    orientation, frames = _extra_fields(bits) if bits.flag() else (1, 1)
    if orientation >= 5:
        height, width = width, height
    is_float, depth = _depth(bits)
    bits.flag()  # whether 16-bit buffers are enough
    channels = bits.choice((0, 0), (1, 0), (2, 4), (1, 12))
    associated = [_extra_channel(bits) for _ in range(channels)]
    is_xyb = bits.flag()
    facts = {"is_float": is_float, "is_xyb": is_xyb, "is_associated": any(associated)}
    has_profile, is_gray, transfer, gamma = _colors(bits)
    return JxlHeader(
        height, width, depth, **facts, has_profile=has_profile, is_gray=is_gray,
        transfer=transfer, gamma=gamma, frames=frames,
    )  # fmt: skip


def _size(bits: _Bits) -> tuple[int, int]:
    """Height and width."""
    small = bits.flag()

    def side() -> int:
        return 8 * (1 + bits.number(5)) if small else bits.choice((1, 9), (1, 13), (1, 18), (1, 30))

    height = side()
    ratio = bits.number(3)
    if ratio == 0:
        return height, side()
    across, down = _RATIOS[ratio - 1]
    return height, height * across // down


def _extra_fields(bits: _Bits) -> tuple[int, int]:
    """Orientation 1..8, and 1 for a single picture, 2 for an animation (its length is not told)."""
    orientation = 1 + bits.number(3)
    if bits.flag():
        _size(bits)  # the size that it was meant to be shown at
    if bits.flag():
        _skip_preview_size(bits)
    is_animation = bits.flag()
    if is_animation:
        bits.choice((100, 0), (1000, 0), (1, 10), (1, 30))
        bits.choice((1, 0), (1001, 0), (1, 8), (1, 10))
        bits.choice((0, 0), (0, 3), (0, 16), (0, 32))
        bits.flag()
    return orientation, 2 if is_animation else 1


def _skip_preview_size(bits: _Bits) -> None:
    small = bits.flag()
    ways = (
        ((16, 0), (32, 0), (1, 5), (33, 9)) if small else ((1, 6), (65, 8), (321, 10), (1345, 12))
    )
    bits.choice(*ways)
    if bits.number(3) == 0:
        bits.choice(*ways)


def _depth(bits: _Bits) -> tuple[bool, int]:
    """Whether samples are floating point, and how many bits they have."""
    if bits.flag():
        depth = bits.choice((32, 0), (16, 0), (24, 0), (1, 6))
        bits.number(4)  # bits of the exponent
        return True, depth
    return False, bits.choice((8, 0), (10, 0), (12, 0), (1, 6))


def _extra_channel(bits: _Bits) -> bool:
    """Pass over the description of a channel; whether it is alpha that colors are multiplied by."""
    if bits.flag():
        return False
    kind = bits.enum()
    _depth(bits)
    bits.choice((0, 0), (3, 0), (4, 0), (1, 3))
    bits.number(8 * bits.choice((0, 0), (0, 4), (16, 5), (48, 10)))  # its name
    if kind == _ALPHA:
        return bits.flag()
    if kind == _SPOT:
        bits.number(4 * 16)
    if kind == _MOSAIC:
        bits.choice((1, 0), (0, 2), (3, 4), (19, 8))
    return False


def _colors(bits: _Bits) -> tuple[bool, bool, int, float]:
    """Whether there is an ICC profile, whether it is gray, the curve's code, and its gamma."""
    if bits.flag():
        return False, False, _SRGB, 0.0
    has_profile = bits.flag()
    space = bits.enum()
    if has_profile:
        return True, space == _GRAY, _SRGB, 0.0
    if space != _XYB and bits.enum() == _CUSTOM:
        _skip_places(bits, 1)
    if space not in (_GRAY, _XYB) and bits.enum() == _CUSTOM:
        _skip_places(bits, 3)
    if space == _XYB:
        return False, False, _SRGB, 0.0
    if bits.flag():
        return False, space == _GRAY, 0, bits.number(24) / 10_000_000
    return False, space == _GRAY, bits.enum(), 0.0


def _skip_places(bits: _Bits, count: int) -> None:
    """Pass over points of the chromaticity diagram."""
    for _ in range(2 * count):
        bits.choice((0, 19), (524288, 19), (1048576, 20), (2097152, 21))
