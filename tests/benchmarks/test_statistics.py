"""Correlation and kappa against values worked out by hand or known from textbooks."""

from __future__ import annotations

import pytest

from benchmarks import statistics


def test_ranks_share_the_mean_of_ties() -> None:
    """Equal values get the mean of the ranks that they take up."""
    assert statistics.ranks([10, 30, 20, 20]) == [1, 4, 2.5, 2.5]


def test_spearman_follows_the_order_of_qualities() -> None:
    """Better quality with higher percent is 1, the reverse is -1; calls without a percent leave n."""
    up = [(10.0, "awful"), (20.0, "poor"), (None, "poor"), (30.0, "average"), (40.0, "good"), (50.0, "excellent")]
    down = [(-percent if percent is not None else None, quality) for percent, quality in up]

    assert statistics.spearman(up) == statistics.Correlation(pytest.approx(1.0), 5)  # type: ignore[arg-type]
    assert statistics.spearman(down) == statistics.Correlation(pytest.approx(-1.0), 5)  # type: ignore[arg-type]


def test_spearman_with_ties() -> None:
    """Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4 correlate at 0.9487."""
    result = statistics.spearman([(0.0, "awful"), (50.0, "poor"), (50.0, "average"), (100.0, "good")])

    assert result.rho == pytest.approx(0.9487, abs=1e-4)


@pytest.mark.parametrize("pairs", [[], [(50.0, "good")], [(50.0, "good"), (50.0, "poor")]])
def test_spearman_of_too_little_is_unknown(pairs: list[tuple[float | None, str]]) -> None:
    """Nothing, one call, or one percent for all: no correlation, not 0."""
    assert statistics.spearman(pairs) == statistics.Correlation(None, len(pairs))


def test_kappa_of_a_two_by_two_table() -> None:
    """20 and 15 agreed of 50, chance 0.5: kappa 0.4."""
    pairs = [("met", "met")] * 20 + [("met", "missed")] * 5 + [("missed", "met")] * 10 + [("missed", "missed")] * 15

    assert statistics.kappa(pairs) == statistics.Kappa(pytest.approx(0.4), 50, 35, 0)  # type: ignore[arg-type]


def test_kappa_counts_not_scorable_as_disagreement() -> None:
    """Without a verdict there is no agreement; how many have none is told."""
    sure = [("met", "met"), ("missed", "missed")]
    unsure = [*sure, ("not_scorable", "met")]

    assert statistics.kappa(sure) == statistics.Kappa(1.0, 2, 2, 0)
    # agreed 2/3; chance 1/3 x 2/3 + 1/3 x 1/3 = 1/3
    assert statistics.kappa(unsure) == statistics.Kappa(pytest.approx(0.5), 3, 2, 1)  # type: ignore[arg-type]


def test_kappa_of_nothing_or_of_one_verdict_is_unknown() -> None:
    """Where chance alone would agree always, kappa says nothing."""
    assert statistics.kappa([]) == statistics.Kappa(None, 0, 0, 0)
    assert statistics.kappa([("met", "met")]) == statistics.Kappa(None, 1, 1, 0)
