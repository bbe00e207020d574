"""Rubric files: reading, errors that name the place and the cure, and a version that follows the meaning."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

import rubric
from rubric.criteria import Check
from rubric.criteria.phrases import Phrases
from rubric.file import parse

DEFAULT = files("rubric").joinpath("default.toml").read_text()


KINDS = [str(check.__struct_config__.tag) for check in get_args(Check) if check is not Phrases]


def test_the_default_rubric_asks_each_question_once() -> None:
    """`rubric.load()` reads the package's rubric: a criterion of each kind but phrases, a hundred points in all."""
    criteria = rubric.load().criteria
    assert [criterion.id for criterion in criteria] == KINDS
    assert sum(criterion.max_points for criterion in criteria) == 100


@pytest.mark.parametrize(
    ("right", "wrong", "error"),
    [
        (
            "explains_turns",
            "explains_turn",
            "unknown key 'explains_turn' at $.criteria[0].check, criterion 1 (listens); did you mean 'explains_turns'?",
        ),
        (
            "clarifying_question = [",
            "clarifying_questions = [",
            (
                "nothing goes by the name 'clarifying_questions' at $.criteria[0].check.counts, criterion 1 (listens); "
                "did you mean 'clarifying_question'?"
            ),
        ),
        ("[interruptions]", "[interuptions]", "unknown key 'interuptions' at $; did you mean 'interruptions'?"),
        ("hold_s", "hold_ms", "unknown key 'hold_ms' at $.interruptions; did you mean 'hold_s'?"),
        (
            "max_points = 12",
            "max_points = -1",
            (
                "-1 does not fit at $.criteria[0].max_points, criterion 1 (listens); "
                "it is a number over 0, up to a million"
            ),
        ),
        (
            'kind = "paraphrases"',
            'kind = "paraphrase"',
            (
                "there is no kind 'paraphrase' at $.criteria[2].check.kind, criterion 3 (paraphrases); "
                "did you mean 'paraphrases'?"
            ),
        ),
        (
            'closes = "17:00"',
            'closes = "09:00"',
            (
                "it closes at 09:00, and opens at 09:00 at $.criteria[13].check.closes, criterion 14 (response_time); "
                "let closes be later"
            ),
        ),
        (
            'zone = "UTC"',
            'zone = "Europe/Londn"',
            (
                "there is no zone 'Europe/Londn' at $.criteria[13].check.zone, criterion 14 (response_time); "
                "did you mean 'Europe/London'?"
            ),
        ),
        (
            '"mon", "tue"',
            '"mon", "tus"',
            "there is no 'tus' at $.criteria[13].check.days[1], criterion 14 (response_time); did you mean 'tue'?",
        ),
        (
            "met_share = 0.6",
            "met_share = 0.2",
            (
                "0.3 is over met_share, 0.2 at $.criteria[8].check.partly_share, criterion 9 (positive_wording); "
                "make partly_share at most as much as met_share"
            ),
        ),
        (
            'question = "Does the agent let',
            'qestion = "Does the agent let',
            "unknown key 'qestion' at $.criteria[0], criterion 1 (listens); did you mean 'question'?",
        ),
        (
            "min_overlap_s = 0.5",
            "min_overlap_s = -1",
            "-1 does not fit at $.interruptions.min_overlap_s; it is a number of seconds, 0 or more",
        ),
        (
            'id = "validates"',
            'id = "listens"',
            "id 'listens' is there twice at $.criteria[1].id, criterion 2 (listens); give each its own",
        ),
    ],
)
def test_errors_name_the_place_and_the_cure(right: str, wrong: str, error: str) -> None:
    """A misspelt key or a value out of range is one line with file, path and the nearest right key."""
    with pytest.raises(rubric.RubricProblem) as caught:
        parse(DEFAULT.replace(right, wrong, 1).encode(), "mine.toml")
    assert str(caught.value) == f"mine.toml: {error}"


def test_all_that_is_wrong_is_said_at_once() -> None:
    """The problem's text is the first; `every` has a line for each, in the order of the file."""
    wrong = DEFAULT.replace("hold_s", "hold_ms", 1).replace("max_points = 12", 'max_points = "12"', 1)
    wrong = wrong.replace('kind = "owns"', 'kind = "own"', 1).replace('zone = "UTC"', 'zone = "Nowhere"', 1)
    with pytest.raises(rubric.RubricProblem) as caught:
        parse(wrong.encode(), "mine.toml")
    assert str(caught.value) == caught.value.every[0]
    assert [each.partition(" at ")[0] for each in caught.value.every] == [
        "mine.toml: unknown key 'hold_ms'",
        "mine.toml: '12' does not fit",
        "mine.toml: there is no kind 'own'",
        "mine.toml: there is no zone 'Nowhere'",
    ]


def test_a_kind_may_be_asked_twice_with_other_numbers() -> None:
    """Two criteria of one kind are two questions, each with thresholds of its own."""
    kept, twice = DEFAULT.split('[[criteria]]\nid = "response_time"')[0], DEFAULT.split("[[criteria]]")[2]
    strict = twice.replace('id = "validates"', 'id = "validates_at_once"').replace(
        "[criteria.check.counts]", "within_turns = 1\n[criteria.check.counts]"
    )
    read = parse(f"{kept}[[criteria]]{strict}".encode(), "mine.toml")
    first, second = read.criteria[1].check, read.criteria[-1].check
    assert type(first) is type(second)
    assert first != second


def test_a_file_that_is_no_toml_is_said_so(tmp_path: Path) -> None:
    """Broken TOML is one line with the place."""
    path = tmp_path / "broken.toml"
    path.write_text("[[criteria")
    with pytest.raises(rubric.RubricProblem, match="is not TOML") as caught:
        rubric.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    """The error names the file and what to do."""
    with pytest.raises(rubric.RubricProblem, match=r"none\.toml: cannot be read"):
        rubric.load(tmp_path / "none.toml")


def test_the_version_is_of_the_meaning() -> None:
    """Comments, the order of criteria and defaults written out change nothing; a number does."""
    version = rubric.load().version
    head, *criteria = DEFAULT.split("[[criteria]]")
    turned = "[[criteria]]".join([head, *reversed([each + "\n" for each in criteria])])
    assert parse(turned.encode(), "x").version == version
    assert parse(("# a word\n" + DEFAULT.replace("coverage_floor = 0.6", "")).encode(), "x").version == version
    assert parse(DEFAULT.replace("max_points = 12", "max_points = 13", 1).encode(), "x").version != version
