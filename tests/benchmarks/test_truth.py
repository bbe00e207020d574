"""Reading truth: what must be there, and what is said when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import truth

LEAST = '{"recording": "a.wav", "channels": {"left": "customer", "right": "agent"}, "turns": []}'


def test_only_the_least_must_be_there(tmp_path: Path) -> None:
    """Recording, channels and turns are enough; the rest is None or empty, never a guess."""
    (tmp_path / "a.wav").touch()
    (tmp_path / "a.truth.json").write_text(LEAST)

    [(recording, read)] = truth.folder(tmp_path)

    assert recording == tmp_path / "a.wav"
    assert read.agent_channel == "right"
    assert (read.quality, read.criteria, read.holds) == (None, None, ())


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "not a truth file"),
        (LEAST.replace('"customer"', '"caller"'), r"\$\.channels"),
        (LEAST, "names the recording 'a.wav', which is not in"),
    ],
    ids=["no JSON", "unknown speaker", "no recording"],
)
def test_bad_truth_names_file_and_cause(tmp_path: Path, content: str, complaint: str) -> None:
    """One line with the file and the place in it."""
    (tmp_path / "a.truth.json").write_text(content)

    with pytest.raises(truth.BadTruth, match=complaint) as caught:
        truth.folder(tmp_path)

    assert "a.truth.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "missing"])
def test_a_folder_without_truth_says_what_to_give(tmp_path: Path, name: str) -> None:
    """Nothing to measure is an error, not figures over no calls."""
    with pytest.raises(truth.BadTruth, match="give"):
        truth.folder(tmp_path / name)
