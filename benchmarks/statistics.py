"""How far the product's judgement goes with the truth's: rank correlation of percent, kappa of verdicts."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec
from nltk.metrics.agreement import AnnotationTask

QUALITIES = ("awful", "poor", "average", "good", "excellent")


class Correlation(msgspec.Struct, frozen=True):
    """Spearman's rank correlation over `n` calls; None where it is not defined."""

    rho: float | None
    n: int


class Kappa(msgspec.Struct, frozen=True):
    """Cohen's kappa, unweighted, over `n` calls, `not_scorable` of them without a verdict (they disagree)."""

    kappa: float | None
    n: int
    agreed: int
    not_scorable: int


def spearman(pairs: Sequence[tuple[float | None, str]]) -> Correlation:
    """Percent against the quality that the truth names; pairs without a percent are left out."""
    known = [(percent, float(QUALITIES.index(quality))) for percent, quality in pairs if percent is not None]
    percents, qualities = ranks([pair[0] for pair in known]), ranks([pair[1] for pair in known])
    if len(set(percents)) < 2 or len(set(qualities)) < 2:
        return Correlation(None, len(known))
    return Correlation(statistics.correlation(percents, qualities), len(known))


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of their ranks."""
    return [sum(other < value for other in values) + (values.count(value) + 1) / 2 for value in values]


def kappa(pairs: Sequence[tuple[str, str]]) -> Kappa:
    """Verdicts of ours against the truth's, each pair `(ours, truth)`."""
    n = len(pairs)
    agreed = sum(ours == true for ours, true in pairs)
    unscorable = sum(ours == "not_scorable" for ours, _ in pairs)
    if not n:
        return Kappa(None, 0, 0, 0)
    said = [(who, call, verdict) for call, pair in enumerate(pairs) for who, verdict in enumerate(pair)]
    task = AnnotationTask(said)
    value = None if len(task.K) == 1 else float(task.kappa())  # one verdict for all: chance alone agrees always
    return Kappa(value, n, agreed, unscorable)
