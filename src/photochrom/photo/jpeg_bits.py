"""Strings of bits of any length, found at any bit of some data and put one behind the other.

Every 32 bits of the data are held together with the 32 that follow, so that one look-up and one
shift give 32 bits from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

WORD = 32


def windows_of(data: bytes) -> np.ndarray:
    """uint64, one for each 32 bits of ``data`` and some zeros: these, and the next 32 below."""
    padded = data + bytes(-len(data) % 4 + 8)
    words = np.frombuffer(padded, ">u4").astype(np.uint64)
    words[:-1] = words[:-1] << np.uint64(WORD) | words[1:]
    return words[:-1]


def bits_at(windows: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """The ``count`` bits (1..32) from each of ``places`` on, int64."""
    found: np.ndarray = windows.take(places >> 5, mode="clip")
    found <<= (places & (WORD - 1)).view(np.uint64)
    found >>= np.uint64(2 * WORD - count)
    return found.view(np.int64)


def joined_bits(
    windows: np.ndarray, strings: Iterable[tuple[np.ndarray, np.ndarray]]
) -> Iterator[bytes]:
    """Strings one behind the other, filled up with ones to a whole byte.

    Of each of ``strings`` the bits where they begin and how many they are, each at least 1.
    """
    last, used = 0, 0  # what is not given yet: less than a word
    for begins, lengths in strings:
        words = _joined(windows, begins, lengths, used)
        words[0] += last
        last, used = int(words[-1]), (used + int(lengths.sum())) % WORD
        yield words[:-1].astype(">u4").tobytes()
    last |= (1 << (WORD - used)) - 1
    yield last.to_bytes(WORD // 8)[: -(-used // 8)]


def _joined(windows: np.ndarray, begins: np.ndarray, lengths: np.ndarray, used: int) -> np.ndarray:
    """Words, int64, the first of which has its first ``used`` bits left free."""
    ends = np.cumsum(lengths) + used
    starts = ends - lengths
    count = int(ends[-1]) // WORD + 1
    # What is of a string in the word where it begins ...
    unused = WORD - np.minimum(lengths, WORD)
    heads = bits_at(windows, begins, WORD) >> unused << unused >> (starts & (WORD - 1))
    words = np.bincount(starts >> 5, heads, count).astype(np.int64)
    # ... and what goes on from there in the words behind it, up to the one where it ends.
    string = np.cumsum(np.bincount(starts >> 5, minlength=count)[:-1]) - 1
    places = np.arange(1, count) * WORD
    unused = WORD - np.clip(ends[string] - places, 0, WORD)
    tails = bits_at(windows, (begins - starts)[string] + places, WORD)
    words[1:] += tails >> unused << unused
    return words
