"""Figures of agreement against values worked out by hand, and against nltk's."""

from __future__ import annotations

import random

import numpy as np
import pytest
from nltk.metrics.agreement import AnnotationTask

from benchmarks import tally
from benchmarks.tally import Told
from rubric.accuracy import Auc, Figures, RuleFigures


def told(conversation: str, truth: bool | None, found: bool, rule: str = "rule") -> Told:
    """A turn judged for the one label `x`; None where the reader does not say."""
    return Told(conversation, {} if truth is None else {"x": truth}, {"x": rule} if found else {})


# In each conversation 3 found rightly, 1 falsely, 2 missed, 4 rightly not found.
TEN = [(True, True)] * 3 + [(False, True)] + [(True, False)] * 2 + [(False, False)] * 4


def test_figures_of_a_label_by_hand() -> None:
    """Precision 3/4, recall 3/5, F1 6/9; 0.7 agreed where chance gives 0.5: kappa 0.4."""
    turns = [told("a", truth, found) for truth, found in TEN]

    [(label, figures)] = tally.labels(turns, ["x", "y"], interval_of="kappa").items()

    assert label == "x"
    assert figures == Figures(
        n=10, positives=5, precision=0.75, recall=0.6, f1=0.6667, kappa=0.4, low=0.4, high=0.4
    )  # one conversation drawn anew is always the same


def test_a_label_that_the_reader_does_not_tell_leaves_the_turn_out() -> None:
    """None is not 0: neither n nor positives count it, whatever we found."""
    turns = [told("a", truth, found) for truth, found in TEN]
    untold = [told("a", None, True), told("b", None, False)]

    assert tally.labels([*turns, *untold], ["x"], interval_of="f1") == tally.labels(turns, ["x"], interval_of="f1")
    assert tally.labels(untold, ["x"], interval_of="f1") == {}


def test_what_is_not_defined_is_none() -> None:
    """Nobody found anything: no precision, no recall, no F1, and chance alone agrees always."""
    figures = tally.labels([told("a", False, False)] * 3, ["x"], interval_of="kappa")["x"]

    assert figures == Figures(n=3, positives=0)


def test_the_interval_is_over_conversations() -> None:
    """Of two conversations, one all right and one all wrong, draws have one of them twice or both once."""
    turns = [told("right", truth, truth) for truth in (True, False) * 50]
    turns += [told("wrong", truth, not truth) for truth in (True, False) * 50]

    by_kappa = tally.labels(turns, ["x"], interval_of="kappa")["x"]
    by_f1 = tally.labels(turns, ["x"], interval_of="f1")["x"]

    assert (by_kappa.kappa, by_kappa.low, by_kappa.high) == (0.0, -1.0, 1.0)
    assert (by_f1.f1, by_f1.low, by_f1.high) == (0.5, 0.0, 1.0)


def test_kappa_is_that_of_nltk() -> None:
    """The same figure by another's code, on counts of no special kind."""
    draw = random.Random(7)
    pairs = [(truth, truth if draw.random() < 0.7 else not truth) for truth in draw.choices([True, False], k=200)]
    task = AnnotationTask([(who, at, pair[who]) for at, pair in enumerate(pairs) for who in (0, 1)])

    figures = tally.labels([told("a", truth, found) for truth, found in pairs], ["x"], interval_of="kappa")

    assert figures["x"].kappa == pytest.approx(task.kappa(), abs=1e-4)


def test_rules_are_counted_by_what_they_found() -> None:
    """How often each rule was the evidence, and how often rightly; the most frequent first, the untold left out."""
    turns = [
        told("a", True, True, "often"),
        told("a", False, True, "often"),
        told("a", True, True, "once"),
        told("a", None, True, "once"),
        told("a", True, False),
    ]

    found = tally.rules(turns, ["x", "y"])

    assert found == {"x": {"often": RuleFigures(2, 1), "once": RuleFigures(1, 1)}}
    assert list(found["x"]) == ["often", "once"]


def test_kappa_of_verdicts_counts_what_is_not_scorable_as_disagreement() -> None:
    """Agreed 2 of 3; chance 1/3 x 2/3 + 1/3 x 1/3 = 1/3; kappa 0.5."""
    figures = tally.criterion([("met", "met"), ("missed", "missed"), ("not_scorable", "met")])

    assert (figures.n, figures.kappa, figures.not_scorable) == (3, 0.5, 1)
    assert (figures.positives, figures.f1) == (None, None)


def test_the_interval_of_verdicts_holds_their_kappa() -> None:
    """Drawn conversations give kappas on both sides of the one found, and the same ones each time."""
    verdicts = [("met", "met")] * 20 + [("met", "missed")] * 5 + [("missed", "met")] * 10 + [("missed", "missed")] * 15

    figures = tally.criterion(verdicts)

    assert figures.kappa == 0.4
    assert figures.low is not None
    assert figures.high is not None
    assert 0.05 < figures.low < 0.4 < figures.high < 0.7
    assert tally.criterion(verdicts) == figures


def test_auc_by_hand() -> None:
    """80 beats 60 and 40; each 60 beats 40 and ties with 60: five of six."""
    percents = [(80.0, True), (60.0, True), (60.0, True), (None, True), (60.0, False), (40.0, False)]

    found = tally.auc(percents)

    assert (found.auc, found.n_high, found.n_low, found.no_percent) == (0.8333, 3, 2, 1)
    assert (found.low, found.high) == (0.5, 1.0)  # each side's draws reach all 60, and all 40 and 80


def test_auc_of_one_side_is_unknown() -> None:
    """Without conversations on both sides there is nothing to tell apart."""
    assert tally.auc([(50.0, True), (None, False)]) == Auc(None, None, None, 1, 0, 1)


def test_the_mean_leaves_out_what_has_no_kappa() -> None:
    """The mean of what is defined, and over how many that is."""
    figures = {"a": Figures(10, kappa=0.5), "b": Figures(10, kappa=0.7), "c": Figures(10)}

    value, count = tally.mean(figures, ["a", "b", "c", "d"])

    assert value == pytest.approx(0.6)
    assert count == 2
    assert tally.mean(figures, ["c"]) == (None, 0)


def test_counts_without_a_turn_warn_of_nothing() -> None:
    """A draw may hold no turn of a label at all: every figure is undefined, none is 0."""
    assert all(np.isnan(value).all() for value in tally.of_counts(np.zeros((1, 4))).values())
