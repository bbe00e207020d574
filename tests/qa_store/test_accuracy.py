"""The published agreement with readers, asked in SQL."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qa.store import Store
from rubric import accuracy
from rubric.accuracy import Accuracy, Figures, RuleFigures, Source

FIGURES = Figures(n=10, positives=4, precision=0.75, recall=None, f1=0.5, kappa=0.4, low=-0.1, high=0.8)
OTHER = Accuracy(
    scorer="0123456789ab",
    measured_on=date(2026, 1, 5),
    sources=(
        Source(
            name="ten turns",
            conversations=2,
            readers="two people",
            interval_of="f1",
            acts={"apology": FIGURES},
            criteria={"validates": Figures(n=2, kappa=1.0, low=1.0, high=1.0, not_scorable=1)},
            rules={"apology": {"apology.sorry-for": RuleFigures(found=4, correct=3)}},
        ),
    ),
)


def test_the_store_has_the_figures_that_come_with_the_program(store: Store) -> None:
    """Every act, criterion and rule of every source, and nothing else."""
    measured = accuracy.measured()

    assert store.sql("SELECT DISTINCT scorer, measured_on FROM accuracy").rows == (
        (measured.scorer, measured.measured_on),
    )
    assert set(store.sql("SELECT source, kind, label, n, kappa FROM accuracy").rows) == {
        (source.name, kind, label, one.n, one.kappa)
        for source in measured.sources
        for kind, labels in (("act", source.acts), ("criterion", source.criteria))
        for label, one in labels.items()
    }
    assert store.sql("SELECT sum(found), sum(correct) FROM rule_accuracy").rows == (
        tuple(
            sum(
                getattr(one, field)
                for source in measured.sources
                for rules in source.rules.values()
                for one in rules.values()
            )
            for field in ("found", "correct")
        ),
    )


def test_figures_of_another_scorer_are_replaced_when_a_store_is_opened_for_writing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands there is of the program that wrote last; reading changes nothing."""
    with monkeypatch.context() as patched:
        patched.setattr(accuracy, "measured", lambda: OTHER)
        Store.open(path).close()

    with Store.open(path, read_only=True) as store:
        assert store.sql("SELECT * FROM accuracy ORDER BY kind").rows == (
            ("ten turns", "two people", "act", "apology", 10, 4, 0.75, None, 0.5, 0.4, -0.1, 0.8, "f1", None,
             "0123456789ab", date(2026, 1, 5)),
            ("ten turns", "two people", "criterion", "validates", 2, None, None, None, None, 1.0, 1.0, 1.0, "f1", 1,
             "0123456789ab", date(2026, 1, 5)),
        )  # fmt: skip
        assert store.sql("SELECT * FROM rule_accuracy").rows == (
            ("ten turns", "apology", "apology.sorry-for", 4, 3, "0123456789ab", date(2026, 1, 5)),
        )

    with Store.open(path) as store:
        assert store.sql("SELECT count(*) FROM accuracy WHERE source = 'ten turns'").rows == ((0,),)
        assert store.sql("SELECT DISTINCT scorer FROM rule_accuracy").rows == ((accuracy.measured().scorer,),)
