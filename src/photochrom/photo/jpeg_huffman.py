"""Huffman tables of a JPEG, looked up by the next 16 bits of coded data.

Source: ITU-T T.81, annex C (codes) and F.1.2 (what follows a code).
"""

from __future__ import annotations

import functools

import numpy as np

WINDOW = 16
"""Bits that are looked up at a time: no code is longer."""

WINDOWS = 1 << WINDOW

IN_BLOCK = 64
END = 128
"""How far a step goes that ends a block early, on top of what it went before."""

STEP_BITS, PLACE = 8, (1 << 8) - 1
"""A step holds the bits of data that it takes above the places in the block that it goes."""

_FURTHEST = (32, 32, 16, 0)
"""How many places steps over several codes go: at first, and then while so many are left."""

PART_OF_PLACE = WINDOWS * (
    (np.arange(PLACE + 1)[:, None] > (0, *(IN_BLOCK - np.array(_FURTHEST[1:-1])))).sum(1)
)
"""Where in the steps those begin that are for each place in a block."""

DC_CODES = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, *[0] * 7, *range(12)))
"""The usual table for DC (T.81, table K.3), which has a code for every difference."""


@functools.lru_cache(maxsize=16)
def codes_of(table: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Lengths (0: no code) and symbols, int64, of the code that each window begins with.

    ``table`` is how a DHT segment has it: how many codes of 1 to 16 bits, then their symbols.
    """
    lengths, symbols = np.zeros((2, WINDOWS), np.int64)
    counts, start, place = table[:WINDOW], 0, WINDOW
    for length, count in enumerate(counts, start=1):
        width = 1 << (WINDOW - length)
        for symbol in table[place : place + count]:
            lengths[start : start + width], symbols[start : start + width] = length, symbol
            start += width
        place += count
    return lengths, symbols


@functools.lru_cache(maxsize=16)
def steps_of(dc: bytes, ac: bytes) -> np.ndarray:
    """Steps over all codes that each window has whole, up to the end of a block: uint16.

    One part for each of ``_FURTHEST``, so that no step that begins in its places goes beyond the
    block, whose last codes would then be lost: which part it is says ``PART_OF_PLACE``.
    """
    lengths, symbols = codes_of(dc)
    first = _steps(lengths, lengths + symbols, np.ones_like(lengths))
    single, known = _single_steps(ac), codes_of(ac)[0]
    starts = (first, *(single for _ in _FURTHEST[1:]))
    parts = [_several(*both, single, known) for both in zip(starts, _FURTHEST, strict=True)]
    return np.concatenate(parts).astype(np.uint16)


def _single_steps(ac: bytes) -> np.ndarray:
    """Steps over the AC code that each window begins with."""
    lengths, symbols = codes_of(ac)
    runs, sizes = symbols >> 4, symbols & 15
    places = np.where((sizes == 0) & (runs != 15), END, runs + 1)
    return _steps(lengths, lengths + sizes, places)


def _several(start: np.ndarray, furthest: int, single: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The steps of ``start`` with those behind them, as long as they go ``furthest`` at most.

    ``known`` are the lengths of the codes that ``single`` steps over.
    """
    several, going = start.copy(), np.arange(len(start))
    while len(going):
        taken, gone = several[going] >> STEP_BITS, several[going] & PLACE
        following = going << np.minimum(taken, WINDOW) & (WINDOWS - 1)
        whole = (known[following] > 0) & (known[following] <= WINDOW - taken)
        # A block that ends early has a place left: in a full one, that code is the next one's.
        further = np.maximum(single[following] & (END - 1), 1)
        whole &= (gone < END) & (gone + further <= furthest)
        going = going[whole]
        several[going] += single[following[whole]]
    return several


def _steps(lengths: np.ndarray, bits: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Both in one number; no code, which only wrong guesses meet, is an end after one bit."""
    known = lengths > 0
    return np.where(known, bits, 1) << STEP_BITS | np.where(known, places, END)


@functools.lru_cache(maxsize=1)
def dc_codes() -> tuple[np.ndarray, np.ndarray]:
    """Codes, right-aligned, and lengths of ``DC_CODES`` by the size of a difference, int64."""
    lengths, symbols = codes_of(DC_CODES)
    firsts = np.array([np.flatnonzero((symbols == size) & (lengths > 0))[0] for size in range(12)])
    return firsts >> (WINDOW - lengths[firsts]), lengths[firsts]
