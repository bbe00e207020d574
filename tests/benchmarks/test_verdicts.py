"""What each act counts towards a verdict, fitted: order, signs, and the table that is written."""

from __future__ import annotations

import numpy as np

import rubric
from benchmarks import verdicts
from rubric.balance import Balance


def test_what_speaks_for_it_counts_more_and_no_number_has_the_wrong_sign() -> None:
    """Of a thousand verdicts made from a known sum the numbers come out in their order.

    What may only speak for it, and speaks against it, counts nothing.
    """
    draw = np.random.default_rng(7)
    table = (draw.random((1000, 3)) < 0.5).astype(np.float64)
    sums = 3.0 * table[:, 0] + 1.0 * table[:, 1] - 2.0 * table[:, 2] + draw.logistic(size=1000)
    truth = np.digitize(sums, [0.5, 2.0])
    fitted = verdicts.fit(table, truth, np.ones(1000), np.array([1.0, 1.0, 1.0]))
    found = verdicts.rounded(fitted, [("first", 0), ("first", 1), ("against", 0)])
    first, second = found.counts["first"]
    assert 2.0 < first < 4.0
    assert 0.5 < second < 1.5
    assert "against" not in found.counts
    assert found.partly < found.met


def test_whatever_may_count_is_a_sum_of_the_default_rubric() -> None:
    """The names, and the signs: nothing counts that verdicts.toml does not know."""
    checks = {each.id: each.check for each in rubric.load().criteria}
    for name, signs in verdicts.MAY.items():
        check = checks[name]
        assert isinstance(check, Balance)
        for what, steps in check.counts.items():
            allowed = signs[what]
            assert all(not step or (allowed[at] == "+") is (step > 0) for at, step in enumerate(steps))
