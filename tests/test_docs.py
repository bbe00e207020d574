"""What a user may ask for stands in the docs: commands, options, settings, tables, columns, checks of the rubric."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from transcription import formats

DOCS = Path(__file__).parents[1] / "docs"

_spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
assert _spec is not None
assert _spec.loader is not None
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)


@pytest.mark.parametrize("page", ["agreement.md", "commands.md", "rubric.md", "rules.md", "settings.md", "store.md"])
def test_the_reference_says_what_the_program_does(page: str) -> None:
    """Commands, options, rubric keys, settings, tables and columns are in the docs as they are; see `make docs`."""
    assert (DOCS / page).read_text(encoding="utf-8") == reference.pages()[page]


def test_every_column_is_explained() -> None:
    """No table, view or column stands in the reference without a sentence."""
    rows = re.findall(r"^\| `\w+` \| .* \| (.*) \|$", (DOCS / "store.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 100
    assert [row for row in rows if not row.strip()] == []


def test_the_forms_of_transcripts_are_read_as_they_are_shown() -> None:
    """Each example of docs/transcripts.md is one that `qa score` reads, with both speakers."""
    shown = re.findall(r"```(?:json|text)\n(.+?)```", (DOCS / "transcripts.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(shown) == 4
    for text in shown:
        assert [turn.speaker for turn in formats.parse(text.encode()).turns][:2] == ["agent", "customer"]
