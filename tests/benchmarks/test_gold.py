"""Reading labelled files: the three forms, what they become, and what is said of one that is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import gold
from benchmarks.truth import BadTruth
from transcription.types import Interval

CALL = {
    "id": "call",
    "channel": "voice",
    "criteria": {"listens": "met"},
    "turns": [
        {"speaker": "customer", "text": "My card was--", "labels": ["problem"], "start_s": 2.0, "end_s": 4.5},
        {"speaker": "agent", "text": "Hello.", "labels": [], "disagreed": ["personal"], "start_s": 0.5, "end_s": 1.2},
        {"speaker": "agent", "text": "Mm-hm.", "overlap": "backchannel", "start_s": 3.0, "end_s": 3.4},
    ],
}
MAIL: dict[str, Any] = {
    "id": "mail",
    "channel": "email",
    "turns": [
        {"speaker": "customer", "text": "Hi,\n\nIt's BROKEN, again!", "at_min": 0},
        {"speaker": "agent", "text": "Sorry.", "at_min": 90},
    ],
}
ROW = {"id": "r1", "group": "g", "source": "made up", "context": [], "text": "Sorry.", "labels": {"apology": 1}}


def write(folder: Path, **files: object) -> Path:
    """Files by stem; a list is rows, anything else a conversation."""
    for name, content in files.items():
        if isinstance(content, list):
            (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in content) + "\n\n")
        else:
            (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_a_folder_may_hold_every_form(tmp_path: Path) -> None:
    """Conversations by name, rows by file, recordings with their truth; folders in it are left alone."""
    truth = {
        "recording": "b.wav",
        "channels": {"left": "agent", "right": "customer"},
        "turns": [{"speaker": "agent", "start_s": 0, "end_s": 1, "text": "Sorry.", "acts": ["apology"]}],
    }
    silent = truth | {"recording": "c.wav", "turns": [{"speaker": "agent", "start_s": 0, "end_s": 1}]}
    (tmp_path / "within").mkdir()
    write(tmp_path / "within", other=CALL)
    for name in ("b.wav", "c.wav"):
        (tmp_path / name).touch()
    (tmp_path / "b.truth.json").write_text(json.dumps(truth))
    (tmp_path / "c.truth.json").write_text(json.dumps(silent))

    found = gold.read(write(tmp_path, mail=MAIL, call=CALL, rows=[ROW, ROW | {"id": "r2"}]))

    assert [each.id for each in found.conversations] == ["call", "mail"]
    assert {stem: [row.id for row in rows] for stem, rows in found.rows.items()} == {"rows": ["r1", "r2"]}
    [spoken] = found.spoken  # a truth without labels is left out
    assert spoken.recording == tmp_path / "b.wav"
    assert [turn.labels for turn in spoken.conversation.turns] == [("apology",)]


def test_turn_times_stand_for_speech(tmp_path: Path) -> None:
    """A call's turns come in order of time, and their intervals are its speech; a backchannel is marked."""
    [call] = gold.read(write(tmp_path, call=CALL)).conversations

    transcript = call.transcript()

    assert transcript.times_from == "turns"
    assert [turn.text for turn in call.turns] == [turn.text for turn in transcript.turns]
    assert [turn.text for turn in transcript.turns] == ["Hello.", "My card was--", "Mm-hm."]
    assert transcript.speech_of("agent") == (Interval(0.5, 1.2), Interval(3.0, 3.4))
    assert [turn.backchannel for turn in transcript.turns] == [False, False, True]


def test_written_messages_are_sent_minutes_apart(tmp_path: Path) -> None:
    """What is written has no times of speech but says when it was sent."""
    [mail] = gold.read(write(tmp_path, mail=MAIL)).conversations

    transcript = mail.transcript()

    assert (transcript.medium, transcript.times_from) == ("email", "none")
    assert [turn.sent_at for turn in transcript.turns] == ["2026-01-05T09:00:00+00:00", "2026-01-05T10:30:00+00:00"]


def test_bare_text_has_neither_marks_nor_case(tmp_path: Path) -> None:
    """As a recogniser may write it: apostrophes stay, for they are part of words."""
    [mail] = gold.read(write(tmp_path, mail=MAIL)).conversations

    assert mail.transcript(bare=True).turns[0].text == "hi it's broken again"


def test_only_labels_that_are_told_are_scored(tmp_path: Path) -> None:
    """Null is not told, and a corpus's own labels are notes."""
    labels = {"apology": 1, "refusal": 0, "validation": None, "question": 0, "reflection_simple": 1, "n_annotators": 10}
    [row] = gold.read(write(tmp_path, rows=[ROW | {"labels": labels}])).rows["rows"]

    assert row.scored == {"apology": True, "refusal": False, "question": False}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.json", "{", r"a\.json: not a labelled conversation"),
        ("a.json", json.dumps(MAIL | {"channel": "fax"}), r"a\.json: .*\$\.channel"),
        ("a.json", json.dumps(MAIL | {"turns": []}), r"a\.json: it has no turns"),
        ("a.jsonl", json.dumps(ROW) + '\n{"id": 1}\n', r"a\.jsonl, line 2: not a labelled row"),
        ("a.truth.json", "[]", r"a\.truth\.json: not a truth file"),
        ("a.txt", "", "nothing labelled here; give"),
    ],
    ids=["no JSON", "unknown medium", "no turns", "bad row", "bad truth", "nothing"],
)
def test_what_cannot_be_read_is_named_in_one_line(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    """The file, the place in it, and what to do."""
    (tmp_path / name).write_text(content)

    with pytest.raises((gold.BadGold, BadTruth), match=complaint) as caught:
        gold.read(tmp_path)

    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what to give instead."""
    with pytest.raises(gold.BadGold, match="no such folder; give one"):
        gold.read(tmp_path / "nowhere")
