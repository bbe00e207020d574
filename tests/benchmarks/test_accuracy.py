"""What is published: read back as it was written, line by line, and nothing of single rules from what is kept aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import rubric
from benchmarks import accuracy, agreement, gold
from benchmarks.accuracy import Labelled
from rubric.accuracy import Accuracy, Auc, Figures, RuleFigures, Source, parse
from tests.benchmarks.test_agreement import conversation
from tests.benchmarks.test_gold import write

MEASURED = Accuracy(
    scorer="0123456789ab",
    measured_on=date(2026, 1, 5),
    sources=(
        Source(
            name='talk, "bare"',
            conversations=2,
            readers="people",
            interval_of="f1",
            acts={"apology": Figures(n=10, positives=4, precision=1.0, low=-0.1, high=1e-05)},
            criteria={"validates": Figures(n=2, not_scorable=0)},
            rules={"apology": {"apology.sorry-for": RuleFigures(4, 3), "recalls": RuleFigures(1, 0)}},
            percent_auc=Auc(0.9, 0.8, 1.0, 3, 2, 1),
        ),
        Source(name="nothing", conversations=1, readers="people", interval_of="kappa"),
    ),
)


def test_the_file_reads_back_as_what_was_measured() -> None:
    """Names with dots and quotes, figures that are not defined, and zeros."""
    assert parse(accuracy.document(MEASURED).encode()) == MEASURED


def test_each_figure_has_a_line_of_its_own() -> None:
    """A change of one shows as a change of one."""
    lines = accuracy.document(MEASURED).splitlines()

    assert "apology = { n = 10, positives = 4, precision = 1.0, low = -0.1, high = 1e-05 }" in lines
    assert '"apology.sorry-for" = { found = 4, correct = 3 }' in lines
    assert "recalls = { found = 1, correct = 0 }" in lines


@pytest.mark.parametrize("aside", [False, True])
def test_what_is_kept_aside_is_told_as_totals(tmp_path: Path, *, aside: bool) -> None:
    """Acts and criteria of both, rules only of what rules may be written with."""
    folder = write(tmp_path, one=conversation("one", read_as=["apology"]))
    whole = agreement.measure(gold.read(folder), rubric.load())

    [source] = accuracy.sources(Labelled("", "some talk", "somebody", aside=aside), whole)

    assert (source.name, source.readers, source.conversations) == ("some talk", "somebody", 1)
    assert source.acts["apology"].recall == 1.0
    assert set(source.criteria) == {"listens", "validates"}
    assert ("apology" in source.rules) is not aside


def test_everything_must_be_there(tmp_path: Path) -> None:
    """A part that is missing is named, and nothing is published without it."""
    with pytest.raises(gold.BadGold, match="no such folder"):
        accuracy.measure(tmp_path, [], tmp_path)


def test_names_are_words_and_tell_the_sources_apart() -> None:
    """No path is published."""
    names = [each.name for each in accuracy.SOURCES]

    assert len(set(names)) == len(names)
    assert [name for name in names if "/" in name or name.endswith("jsonl")] == []
