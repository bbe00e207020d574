"""Measured figures go where they are shown, and nothing else there changes."""

from __future__ import annotations

import tomllib

import pytest

from benchmarks import models, truth, words

ROWS = """# A comment.

["tiny.en"]
from = "extra"
languages = "en"

[tiny]
from = "a/b"
languages = "many"
word_error_rate = 0.5
real_time_factor = 0.5
"""


def figures(name: str) -> models.Figures:
    return models.Figures(name, 75.4, "en", words.Errors(11, 100), 0.2, 0.0412)


@pytest.mark.parametrize(("name", "other"), [("tiny.en", "tiny"), ("tiny", "tiny.en")])
def test_figures_are_set_for_one_model_alone(name: str, other: str) -> None:
    """Added where there were none, replaced where there were; comments and other models stay."""
    after = models.with_figures(ROWS, figures(name))

    before, data = tomllib.loads(ROWS), tomllib.loads(after)
    assert data[name] == before[name] | {"word_error_rate": 0.11, "real_time_factor": 0.041}
    assert data[other] == before[other]
    assert after.startswith("# A comment.\n")
    assert models.with_figures(after, figures(name)) == after


def test_figures_of_a_model_without_a_row_are_refused() -> None:
    """A folder's model is not in the list, and is said to be not."""
    with pytest.raises(truth.BadTruth, match="no row for 'mine'"):
        models.with_figures(ROWS, figures("mine"))


def test_the_table_stands_between_its_marks() -> None:
    """What is around the marks stays; measuring again replaces the table."""
    page = f"# Models\n\n{models.BEGIN}\nold\n{models.END}\n\nMore.\n"

    after = models.with_table(page, models.table([figures("tiny.en")], calls=3))

    assert "old" not in after
    assert "| `tiny.en` | 75 MB | English | 0.110 | 0.200 | 0.041 |" in after
    assert "3 calls, 100 words" in after
    assert after.startswith("# Models\n")
    assert after.endswith("\n\nMore.\n")
    assert models.with_table(after, "new").count(models.BEGIN) == 1
