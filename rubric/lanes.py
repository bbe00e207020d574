"""Sums for several labels at once: their numbers stand side by side in one, so that one addition adds to all of them.

Numbers are kept to the sixth decimal and added as whole ones, so the order of adding leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

_BITS = 64
_UNIT = 1_000_000


def packed(numbers: Iterable[tuple[int, float]]) -> int:
    """Numbers side by side, each given with the place that it has."""
    return sum(round(number * _UNIT) << (_BITS * place) for place, number in numbers)


def reached(first: int, second: int, count: int) -> list[int]:
    """Those of so many places where neither number is below nought."""
    tops = _tops(count)
    # half of what a place holds, added to each number, leaves its top bit to those that are not below nought
    both = (first + tops) & (second + tops) & tops
    return [place for place in range(count) if both >> (_BITS * place + _BITS - 1) & 1] if both else []


@cache
def _tops(count: int) -> int:
    """The top bit of each place."""
    return sum(1 << (_BITS * place + _BITS - 1) for place in range(count))
