"""Agreement in numbers: how a scorer's yes and no go with a reader's, with an interval by drawing conversations anew.

Conversations are drawn, not turns, for turns of one conversation are not independent. Draws are seeded: the same
counts give the same interval.
"""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks import statistics
from rubric.accuracy import Auc, Figures, RuleFigures

DRAWS = 1000
SEED = 20260105

Floats = npt.NDArray[np.float64]


class Told(NamedTuple):
    """Of a turn: its conversation, what the reader says of each label, and the labels that we found, by which rule."""

    conversation: str
    truth: Mapping[str, bool]
    found: Mapping[str, str]


def labels(told: Sequence[Told], order: Iterable[str], *, interval_of: Literal["kappa", "f1"]) -> dict[str, Figures]:
    """The figures of each label that the readers speak of at least once."""
    return {label: _figures(label, told, interval_of) for label in order if any(label in each.truth for each in told)}


def _figures(label: str, told: Iterable[Told], interval_of: str) -> Figures:
    by_conversation: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in told:
        if label in each.truth:
            by_conversation[each.conversation][2 * each.truth[label] + (label in each.found)] += 1
    table = np.array(list(by_conversation.values()), dtype=np.float64)
    right, false, missed, hits = table.sum(axis=0)
    value = of_counts(table.sum(axis=0, keepdims=True))
    low, high = _interval(of_counts(_draws(len(table)) @ table)[interval_of])
    return Figures(
        n=int(right + false + missed + hits),
        positives=int(missed + hits),
        precision=_known(value["precision"]),
        recall=_known(value["recall"]),
        f1=_known(value["f1"]),
        kappa=_known(value["kappa"]),
        low=low,
        high=high,
    )


def rules(told: Iterable[Told], order: Iterable[str]) -> dict[str, dict[str, RuleFigures]]:
    """Of each label, how often each rule was its evidence, and how often rightly; the most frequent first."""
    wanted = set(order)
    found: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for each in told:
        for label in each.found.keys() & each.truth.keys() & wanted:
            found[label, each.found[label]] += 1
            right[label, each.found[label]] += each.truth[label]
    pairs = sorted(found, key=lambda pair: (-found[pair], pair))
    return {
        label: {rule: RuleFigures(found[label, rule], right[label, rule]) for of, rule in pairs if of == label}
        for label in order
        if any(of == label for of, _ in pairs)
    }


def of_counts(counts: Floats) -> dict[str, Floats]:
    """Precision, recall, F1 and Cohen's kappa of rows of counts: rightly not, falsely, missed, rightly found."""
    right, false, missed, hits = counts.T
    n = right + false + missed + hits
    with np.errstate(divide="ignore", invalid="ignore"):
        agreed = (right + hits) / n
        chance = ((hits + false) * (hits + missed) + (right + missed) * (right + false)) / n**2
        return {
            "precision": hits / (hits + false),
            "recall": hits / (hits + missed),
            "f1": 2 * hits / (2 * hits + false + missed),
            "kappa": np.where(chance < 1, (agreed - chance) / (1 - chance), np.nan),
        }


def criterion(verdicts: Sequence[tuple[str, str]]) -> Figures:
    """Kappa of verdicts, each pair `(ours, truth)` of one conversation."""
    found = statistics.kappa(verdicts)
    pairs = Counter(verdicts)
    draws = _draws(len(verdicts))
    names = sorted({verdict for pair in pairs for verdict in pair})
    ours, true = (
        draws @ np.array([[float(pair[who] == name) for name in names] for pair in verdicts]) for who in (0, 1)
    )
    agreed = draws @ np.array([float(one == other) for one, other in verdicts]) / len(verdicts)
    chance = (ours * true).sum(axis=1) / len(verdicts) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = _interval(np.where(chance < 1, (agreed - chance) / (1 - chance), np.nan))
    return Figures(
        n=found.n,
        kappa=_known(found.kappa),
        low=low,
        high=high,
        not_scorable=found.not_scorable,
    )


def auc(percents: Iterable[tuple[float | None, bool]]) -> Auc:
    """The chance that a conversation of high quality has the higher percent; equal ones count half.

    Each side is drawn anew by itself, so that both are there in every draw.
    """
    given = list(percents)
    high = np.array([percent for percent, is_high in given if is_high and percent is not None])
    low = np.array([percent for percent, is_high in given if not is_high and percent is not None])
    none = len(given) - len(high) - len(low)
    if not (len(high) and len(low)):
        return Auc(None, None, None, len(high), len(low), none)
    wins = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
    one, other = _draws(len(high)) / len(high), _draws(len(low), SEED + 1) / len(low)
    bounds = _interval(np.einsum("dh,hl,dl->d", one, wins, other))
    return Auc(_known(wins.mean()), *bounds, len(high), len(low), none)


def mean(figures: Mapping[str, Figures], wanted: Iterable[str]) -> tuple[float | None, int]:
    """The mean kappa of the wanted labels, and over how many it is: those whose kappa is defined."""
    kappas = [one.kappa for label in wanted if (one := figures.get(label)) is not None and one.kappa is not None]
    return (sum(kappas) / len(kappas) if kappas else None), len(kappas)


def _draws(count: int, seed: int = SEED) -> Floats:
    """How often each of `count` conversations is drawn, for each draw."""
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(np.float64)


def _interval(values: Floats) -> tuple[float | None, float | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no draw in which it is defined
        low, high = np.nanpercentile(values, (2.5, 97.5))
    return _known(low), _known(high)


def _known(value: Any) -> float | None:
    """Four decimals; None where it is not defined."""
    return None if value is None or not np.isfinite(value) else round(float(np.asarray(value).item()), 4)
