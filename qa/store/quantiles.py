"""Student's t at 0.975, which DuckDB does not have.

For a whole number of degrees of freedom the distribution function is a finite sum (Abramowitz and Stegun, Handbook
of Mathematical Functions, 26.7.3 and 26.7.4); the quantile is found by halving an interval. Beyond the table the views
use the first terms of the expansion around the normal quantile (26.7.5), which are good to 0.000003 there.
"""

from __future__ import annotations

import math

TABLE_SIZE = 100
NORMAL_975 = 1.959963984540054
FIRST_TERM = (NORMAL_975**3 + NORMAL_975) / 4
SECOND_TERM = (5 * NORMAL_975**5 + 16 * NORMAL_975**3 + 3 * NORMAL_975) / 96


def t_975(df: int) -> float:
    """The value that Student's t with `df` degrees of freedom (at least 1) stays under 97.5 times in a hundred."""
    low, high = 0.0, 13.0  # t with one degree of freedom is 12.706
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, df) < 0.95 else (low, middle)
    return (low + high) / 2


def _within(t: float, df: int) -> float:
    """The probability that |T| is at most `t`."""
    theta = math.atan(t / math.sqrt(df))
    cosine = math.cos(theta)
    if df % 2:
        term, total = cosine, 0.0
        for k in range(1, (df - 1) // 2 + 1):
            total += term
            term *= cosine**2 * 2 * k / (2 * k + 1)
        return 2 / math.pi * (theta + math.sin(theta) * total)
    term, total = 1.0, 0.0
    for k in range(1, df // 2 + 1):
        total += term
        term *= cosine**2 * (2 * k - 1) / (2 * k)
    return math.sin(theta) * total
