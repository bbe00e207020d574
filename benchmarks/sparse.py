"""A table of few numbers a row, and logistic regression over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_STEPS, _TRIES, _NEAR = 30, 60, 1e-2


class Sparse(NamedTuple):
    """Rows of `(column, value)` pairs laid end to end, with a last column of ones: the bias."""

    row: npt.NDArray[np.intp]
    column: npt.NDArray[np.intp]
    value: Floats
    size: int
    columns: int

    @classmethod
    def of(cls, rows: Sequence[dict[int, float]], columns: int) -> Sparse:
        """A table of these rows, each with a one in a column added at the end."""
        lengths = [len(each) + 1 for each in rows]
        row = np.repeat(np.arange(len(rows)), lengths)
        column = np.fromiter((at for each in rows for at in (*each.keys(), columns)), np.intp, sum(lengths))
        value = np.fromiter((at for each in rows for at in (*each.values(), 1.0)), np.float64, sum(lengths))
        return cls(row, column, value, len(rows), columns + 1)

    def rows(self, which: Bools) -> Sparse:
        """Some of the rows."""
        kept = which[self.row]
        number = np.cumsum(which) - 1
        return Sparse(number[self.row[kept]], self.column[kept], self.value[kept], int(which.sum()), self.columns)

    def times(self, weights: Floats) -> Floats:
        """The table by a vector of weights: a sum for each row."""
        return _sums(self.row, self.value * weights[self.column], self.size)

    def turned_times(self, each: Floats) -> Floats:
        """The turned table by a number for each row: a sum for each column."""
        return _sums(self.column, self.value * each[self.row], self.columns)

    def seen(self) -> Floats:
        """In how many rows each column stands, the ones left out."""
        return _sums(self.column, np.ones_like(self.value), self.columns)[:-1]


def _sums(at: npt.NDArray[np.intp], values: Floats, size: int) -> Floats:
    return np.bincount(at, values, size).astype(np.float64)


def fit(
    table: Sparse, labelled: Bools, counts: Floats, start: Floats, ridge: Floats, *, near: Floats | None = None
) -> Floats:
    """Weights by logistic regression, each drawn to `start` by its `ridge`: Newton's steps by conjugate gradients.

    `near` are weights that must be near the answer, where some are known.
    """
    weights = start.copy() if near is None else near.copy()

    def loss(at: Floats) -> float:
        margin = table.times(at) * np.where(labelled, 1, -1)
        return float(counts @ np.logaddexp(0, -margin) + ridge @ (at - start) ** 2 / 2)

    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-table.times(weights).clip(-30, 30)))
        slope = table.turned_times(counts * (chance - labelled)) + ridge * (weights - start)
        curve = counts * chance * (1 - chance)
        step = _solve(table, curve, ridge, slope)
        before = loss(weights)
        while loss(weights - step) > before and float(np.abs(step).max()) > _NEAR:
            step /= 2  # too far: the curve is not the same over there
        weights = weights - step
        if float(np.abs(step).max()) < _NEAR:
            break
    return weights


def _solve(table: Sparse, curve: Floats, ridge: Floats, slope: Floats) -> Floats:
    """The step that the curvature and the ridge give for a slope."""
    step = np.zeros_like(slope)
    rest = slope.copy()
    scale = table._replace(value=table.value**2).turned_times(curve) + ridge
    towards = rest / scale
    along = towards.copy()
    size = float(rest @ towards)
    begin = size
    for _ in range(_TRIES):
        turned = table.turned_times(curve * table.times(along)) + ridge * along
        length = size / float(along @ turned)
        step += length * along
        rest -= length * turned
        towards = rest / scale
        after = float(rest @ towards)
        if after < 1e-4 * begin:
            break
        along = towards + after / size * along
        size = after
    return step
