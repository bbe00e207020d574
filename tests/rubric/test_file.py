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
            "partly_rate",
            "partly_rat",
            "unknown key 'partly_rat' at $.criteria[0].check, criterion 1 (listens); did you mean 'partly_rate'?",
        ),
        ("[interruptions]", "[interuptions]", "unknown key 'interuptions' at $; did you mean 'interruptions'?"),
        ("hold_s", "hold_ms", "unknown key 'hold_ms' at $.interruptions; did you mean 'hold_s'?"),
        (
            "max_points = 12",
            "max_points = -1",
            "expected a number > 0.0 at $.criteria[0].max_points, criterion 1 (listens)",
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
