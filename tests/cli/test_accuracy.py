"""`qa rubric accuracy`: the published figures, to read and as JSON."""

from __future__ import annotations

import msgspec

from rubric import accuracy
from rubric.accuracy import Accuracy
from tests.cli.conftest import Run


def test_every_source_act_and_criterion_is_shown(run: Run) -> None:
    """With the scorer they were measured with, their n and who read, in lines that a terminal shows whole."""
    done = run("rubric", "accuracy")

    assert done.code == 0
    words = " ".join(done.out.split()) + " "
    measured = accuracy.measured()
    assert f"with scorer {measured.scorer}" in words
    for source in measured.sources:
        assert f"{source.name}: {source.conversations} conversations, read by {source.readers}" in words
        for label, one in (*source.acts.items(), *source.criteria.items()):
            assert f" {label} {one.n} " in words
    assert "…" not in done.out
    assert [line for line in done.out.splitlines() if len(line) > 80] == []


def test_one_act_comes_with_its_rules(run: Run) -> None:
    """Each rule that was ever its evidence, with how often and how often rightly."""
    done = run("rubric", "accuracy", "apology")

    words = " ".join(done.out.split()) + " "
    for source in accuracy.measured().sources:
        for rule, one in source.rules.get("apology", {}).items():
            assert f" {rule} {one.found} {one.correct} " in words
    assert "validation" not in words


def test_json_is_the_figures_as_they_are_kept(run: Run) -> None:
    """All of them read back; or those of one act, by source."""
    done = run("rubric", "accuracy", "--json")
    one = run("rubric", "accuracy", "validates", "--json")

    assert msgspec.json.decode(done.out, type=Accuracy) == accuracy.measured()
    by_source = {each["source"]: each["figures"]["kappa"] for each in msgspec.json.decode(one.out)}
    assert by_source == {
        source.name: source.criteria["validates"].kappa
        for source in accuracy.measured().sources
        if "validates" in source.criteria
    }


def test_a_name_that_was_not_measured_is_wrong_usage(run: Run) -> None:
    """With the nearest that was."""
    done = run("rubric", "accuracy", "validatoin")

    assert done.code == 2
    assert "did you mean 'validation'?" in done.err


def test_a_criterion_that_nobody_has_read_for_is_said_to_be_unmeasured(run: Run) -> None:
    """Not taken for a slip of the pen; and where an act has its name, the figures are said to be the act's."""
    done = run("rubric", "accuracy", "apologises")
    assert done.code == 2
    assert "its agreement is not known" in done.err
    assert "These are figures of the act extra_mile" in " ".join(run("rubric", "accuracy", "extra_mile").out.split())
    assert "figures of the act" not in run("rubric", "accuracy", "validates").out
