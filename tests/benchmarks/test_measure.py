"""A whole call measured, calls added up, and what is printed of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import rubric
from benchmarks import calls, show
from benchmarks.measure import measure, totals, without
from benchmarks.truth import Truth, TruthTurn
from transcription.types import Interval, Speaker, Transcript, Turn, Word

SAID: tuple[TruthTurn, ...] = (
    TruthTurn("agent", 0.0, 2.0, "Harbour Phones, Ines speaking, how can I help?"),
    TruthTurn("customer", 2.5, 8.0, "My line has been dead for a week and my mother can not", cut_off=True),
    TruthTurn("agent", 7.2, 9.0, "Give me your number.", overlap="interruption"),
    TruthTurn("customer", 9.5, 10.5, "It is five five five."),
)
TRUE = Truth(
    "a.wav",
    {"left": "customer", "right": "agent"},
    SAID,
    quality="poor",
    criteria={"listens": "missed", "sings": "met"},
)


def heard(true: Truth) -> Transcript:
    """A perfect transcript, but that it takes the agent to be on the left."""
    other: dict[str, Speaker] = {"agent": "customer", "customer": "agent"}
    turns = []
    for index, turn in enumerate(true.turns):
        texts = turn.text.split()
        step_s = (turn.end_s - turn.start_s) / len(texts)
        words = tuple(
            Word(text, turn.start_s + i * step_s, turn.start_s + (i + 1) * step_s, 0.95) for i, text in enumerate(texts)
        )
        turns.append(Turn(index, other[turn.speaker], turn.start_s, turn.end_s, turn.text, words))
    speech: dict[Speaker, tuple[Interval, ...]] = {
        other[who]: tuple(turn.interval for turn in true.of(who)) for who in ("agent", "customer")
    }
    return Transcript(tuple(turns), 11.0, "en", 0.99, speakers_from="channels", times_from="speech", speech=speech)


def test_a_perfect_transcript_measures_as_perfect() -> None:
    """Channels are put right first; then no word, edge or interruption is off."""
    one = measure("a.wav", TRUE, heard(TRUE), rubric.load(), {"vad": {"agent": "", "customer": ""}})

    assert one.word_errors["ours"].errors == 0
    assert one.word_errors["vad"].errors == one.word_errors["vad"].words == one.word_errors["ours"].words
    assert one.edges.start_off_s == one.edges.end_off_s == (0.0,) * 4
    assert one.interruptions["agent"].hits_s == (7.2,)
    assert one.interruptions["customer"].hits_s == one.interruptions["customer"].invented_s == ()
    assert one.strays.in_silence == 0
    assert set(one.verdicts) == {"listens"}, "only criteria that both the rubric and the truth have"


def test_totals_add_up_and_name_no_call() -> None:
    """Counts are sums, n stands by every figure, and `lines` without calls tells of none of them."""
    one = measure("secret.wav", TRUE, heard(TRUE), rubric.load(), {})

    both = totals([one, one])
    lines = list(show.lines(both, ()))

    assert both["calls"] == 2
    assert both["word_error_rate"]["ours"]["words"] == 2 * one.word_errors["ours"].words
    assert both["interruptions"]["both"]["true"] == 2
    assert both["channels_withheld"]["swapped"] == 2
    assert both["kappa"]["listens"]["n"] == 2
    assert not any("secret" in line for line in lines)
    assert any("secret" in line for line in show.lines(both, [one]))


def test_what_the_truth_lacks_is_left_out() -> None:
    """Without quality and criteria there is no correlation and no kappa, and that is said, not 0."""
    bare = Truth("a.wav", TRUE.channels, SAID)

    total = totals([measure("a.wav", bare, heard(bare), rubric.load(), {})])

    assert total["percent_and_quality"]["with_listens"] == {"rho": None, "n": 0}
    assert total["kappa"] == {}
    assert any("none (n = 0)" in line for line in show.lines(total, ()))


def test_without_leaves_one_criterion_out() -> None:
    """The other criteria keep their points."""
    judge = rubric.load()

    left = without(judge, "listens")

    assert [one.id for one in left.criteria] == [one.id for one in judge.criteria if one.id != "listens"]


@pytest.mark.parametrize("option", [(), ("--json",), ("--totals",)])
def test_a_folder_without_truth_is_one_line(tmp_path: Path, option: tuple[str, ...]) -> None:
    """Exit code 1, one line on standard error, nothing on standard output."""
    result = CliRunner().invoke(calls.main, [str(tmp_path), "--cache", str(tmp_path), *option])

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "no NAME.truth.json here" in result.stderr
