"""A plain reader of a baseline JPEG's coefficients, one bit after the other, to compare with."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Coefficients:
    """``planes`` by component: (rows, columns, 64) in zigzag order, as the scans have them."""

    scans: list[int] = field(default_factory=list)
    factors: list[tuple[int, int]] = field(default_factory=list)
    planes: list[np.ndarray] = field(default_factory=list)


def coefficients_of(data: bytes) -> Coefficients:
    """``scans`` holds how many components each has, ``factors`` the components' (down, across)."""
    result = Coefficients()
    tables: dict[int, dict[tuple[int, int], int]] = {}
    restart, at, frame = 0, 2, []
    while data[at + 1] != 0xD9:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        body, at = data[at + 4 : at + 2 + size], at + 2 + size
        if marker == 0xC4:
            tables |= _tables(body)
        elif marker == 0xDD:
            (restart,) = struct.unpack(">H", body)
        elif marker in (0xC0, 0xC1):
            height, width = struct.unpack(">HH", body[1:5])
            frame = [tuple(body[n : n + 2]) for n in range(6, len(body), 3)]
            result.factors = [(factors & 15, factors >> 4) for _, factors in frame]
            down, across = (max(column) for column in zip(*result.factors, strict=True))
            rows, columns = -(-height // (8 * down)), -(-width // (8 * across))
            for v, h in result.factors:
                shape = (
                    (rows * v, columns * h) if len(frame) > 1 else (-(-height // 8), -(-width // 8))
                )
                result.planes.append(np.zeros((*shape, 64), int))
        elif marker == 0xDA:
            result.scans.append(body[0])
            chosen = [
                ([number for number, _ in frame].index(body[1 + 2 * n]), body[2 + 2 * n])
                for n in range(body[0])
            ]
            sizes = (height, width), (down, across)
            order = list(_order(chosen, result, *sizes))
            at = _scan(data, at, order, result.planes, tables, restart)
    return result


def _tables(body: bytes) -> dict[int, dict[tuple[int, int], int]]:
    tables = {}
    while body:
        code, place, table = 0, 17, {}
        for length in range(1, 17):
            for symbol in body[place : place + body[length]]:
                table[length, code] = symbol
                code += 1
            place, code = place + body[length], code * 2
        tables[body[0]], body = table, body[place:]
    return tables


def _order(chosen, result, size, most) -> Iterator[list[tuple[int, int, int, int]]]:
    """The blocks of each unit: component, numbers of its tables, row and column."""
    if len(chosen) == 1:
        ((component, numbers),) = chosen
        v, h = (1, 1) if len(result.planes) == 1 else result.factors[component]
        most = (1, 1) if len(result.planes) == 1 else most
        rows, columns = (
            -(-side * f // (8 * m)) for side, f, m in zip(size, (v, h), most, strict=True)
        )
        for row in range(rows):
            for column in range(columns):
                yield [(component, numbers, row, column)]
        return
    rows, columns = (-(-side // (8 * m)) for side, m in zip(size, most, strict=True))
    for row in range(rows):
        for column in range(columns):
            yield [
                (component, numbers, row * v + y, column * h + x)
                for component, numbers in chosen
                for v, h in [result.factors[component]]
                for y in range(v)
                for x in range(h)
            ]


def _scan(data, at, order, planes, tables, restart) -> int:
    bits = _Bits(data, at)
    before = dict.fromkeys(range(len(planes)), 0)
    for number, unit in enumerate(order):
        if restart and number and number % restart == 0:
            bits.restart()
            before = dict.fromkeys(before, 0)
        for component, numbers, row, column in unit:
            block = planes[component][row, column]
            before[component] += bits.number(bits.symbol(tables[numbers >> 4]))
            block[0] = before[component]
            place = 1
            while place < 64:
                symbol = bits.symbol(tables[0x10 | numbers & 15])
                if symbol == 0:
                    break
                place += symbol >> 4
                block[place] = bits.number(symbol & 15)
                place += 1
    return bits.end()


class _Bits:
    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at, self._left, self._byte = data, at, 0, 0

    def bit(self) -> int:
        if not self._left:
            self._byte, self._left = self._data[self._at], 8
            self._at += 2 if self._byte == 0xFF else 1
            assert self._byte != 0xFF or self._data[self._at - 1] == 0
        self._left -= 1
        return self._byte >> self._left & 1

    def symbol(self, table: dict[tuple[int, int], int]) -> int:
        length = code = 0
        while (length, code) not in table:
            length, code = length + 1, code * 2 + self.bit()
            assert length <= 16
        return table[length, code]

    def number(self, size: int) -> int:
        value = 0
        for _ in range(size):
            value = value * 2 + self.bit()
        return value if not size or value >> (size - 1) else value - (1 << size) + 1

    def restart(self) -> None:
        assert self._data[self._at] == 0xFF
        assert self._data[self._at + 1] & 0xF8 == 0xD0
        self._at, self._left = self._at + 2, 0

    def end(self) -> int:
        assert self._data[self._at] == 0xFF
        return self._at
