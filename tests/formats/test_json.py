"""Our own JSON: what is written is read back the same, and what is wrong is named with its path."""

import json
from pathlib import Path

import msgspec
import pytest

from transcription import formats
from transcription.errors import BadTranscript
from transcription.types import Doubt, Engine, Interval, Transcript, Turn, Word

WORDS = (Word("Hello,", 0.5, 0.9, 0.98), Word("Zoë.", 0.9, 1.4, 0.5))
WHOLE = Transcript(
    turns=(
        Turn(0, "agent", 0.5, 1.4, "Hello, Zoë.", WORDS),
        Turn(1, "customer", 1.2, 1.3, "mm", (), backchannel=True),
        Turn(2, "unknown", 2.0, 3.0, "Who & <what>?", sent_at="2026-03-01T14:05:00+01:00"),
    ),
    duration_s=4.25,
    language="en",
    language_probability=0.9,
    speakers_from="channels",
    times_from="speech",
    medium="voice",
    speech={"agent": (Interval(0.4, 1.5),), "customer": ()},
    engine=Engine("faster-whisper", "tiny.en", "1a5a", {"beam_size": 5, "language": None}),
    doubts=(Doubt("low_confidence", "half the words", "agent"),),
)


def test_a_transcript_is_read_back_as_it_was_written() -> None:
    """Every field survives, words included; without words everything else does."""
    assert formats.from_json(formats.to_json(WHOLE)) == WHOLE
    without = formats.from_json(formats.to_json(WHOLE, words=False))
    assert without.turns[0].words == ()
    assert msgspec.structs.replace(without, turns=WHOLE.turns) == WHOLE


def test_what_qa_show_prints_is_read(tmp_path: Path) -> None:
    """The whole output of `qa show --json`, saved to a file, is a transcript file too."""
    shown = {"call_id": "c1", "transcript": json.loads(formats.to_json(WHOLE)), "scorecard": {"percent": None}}
    path = tmp_path / "shown.json"
    path.write_text(json.dumps(shown), encoding="utf-8")
    assert formats.read(path) == WHOLE


def test_a_file_by_hand_needs_speakers_and_texts_alone() -> None:
    """What is not said is worked out, or unknown: no times means no timing."""
    transcript = formats.from_json(b'{"turns": [{"speaker": "agent", "text": " Good \\n day "}], "labels": [1]}')
    assert transcript == Transcript(turns=(Turn(0, "agent", None, None, "Good day"),), times_from="none")


def test_turn_times_stand_for_speech() -> None:
    """In our own form a turn's interval may be used for timing, and turns come in order of time."""
    transcript = formats.from_json(
        b'{"turns": [{"speaker": "customer", "text": "b", "start_s": 2, "end_s": 3.5},'
        b'{"speaker": "agent", "text": "a", "start_s": 0, "end_s": 1}]}'
    )
    assert [(turn.index, turn.text) for turn in transcript.turns] == [(0, "a"), (1, "b")]
    assert (transcript.times_from, transcript.duration_s) == ("turns", 3.5)
    assert transcript.speech_of("customer") == (Interval(2.0, 3.5),)


def test_times_on_some_turns_are_no_timing() -> None:
    """Where one turn has no time, nobody can say who spoke over whom."""
    transcript = formats.from_json(
        b'{"turns": [{"speaker": "customer", "text": "b", "start_s": 2, "end_s": 3},{"speaker": "agent", "text": "a"}]}'
    )
    assert transcript.times_from == "none"
    assert transcript.speech_of("customer") == ()


def test_speakers_that_are_all_unknown_are_not_told_apart() -> None:
    """A transcript without speakers says so, instead of passing for labelled."""
    assert formats.from_json(b'{"turns": [{"speaker": "unknown", "text": "a"}]}').speakers_from is None


@pytest.mark.parametrize(
    ("turns", "place"),
    [
        (
            '[{"speaker": "agnet", "text": "a"}]',
            r"\$\.turns\[0\]\.speaker: there is no 'agnet'; it is one of agent, customer, unknown",
        ),
        ('[{"speaker": "agent"}]', r"missing required field `text` - at `\$\.turns\[0\]`"),
        ('[{"speaker": "agent", "text": 3}]', r"\$\.turns\[0\]\.text"),
        ('[{"speaker": "agent", "text": "a", "start": 3}]', r"\$\.turns\[0\]: the field start .* mean start_s"),
        ('[{"speaker": "agent", "text": "a", "start_s": 3}]', r"\$\.turns\[0\]: start_s and end_s go together"),
        ('[{"speaker": "agent", "text": "a", "start_s": 3, "end_s": 2}]', r"\$\.turns\[0\]: 3\.0 to 2\.0 s"),
        ('[{"speaker": "agent", "text": "a", "start_s": -1, "end_s": 2}]', r"\$\.turns\[0\]: -1\.0 to"),
        ('[{"speaker": "agent", "text": "a", "sent_at": "noon"}]', r"\$\.turns\[0\]\.sent_at: 'noon'"),
        (
            '[{"speaker": "agent", "text": "a b", "words": [{"text": "a b", "start_s": 0, "end_s": 1}]}]',
            r"\$\.turns\[0\]\.words: they are not",
        ),
        ("3", r"\$\.turns"),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(turns: str, place: str) -> None:
    """One line, opening with the file's name, saying where in it."""
    with pytest.raises(BadTranscript, match=f"^call.json: .*{place}|^call.json: {place}") as caught:
        formats.from_json(f'{{"turns": {turns}}}'.encode(), name="call.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"Good morning", "neither JSON nor WebVTT nor SRT"),
        (b"{", "is not JSON"),
        (b"[]", "Expected `object`"),
        (b"[" * 100_000, "brackets within brackets"),
        (b'{"turns": ' + b'{"turns": ' * 100_000, "brackets within brackets"),
        (b'{"call_id": 1}', "missing required field `turns`"),
        (b"\xff\xfe{\x00", "not text in UTF-8"),
        (b'{"trns": []}', "did you mean turns"),
        (b'{"turns": [], "duration_s": -1}', r"\$\.duration_s"),
        (b'{"turns": [], "speech": {"agent": [[2, 1]]}}', r"\$\.speech\.agent\[0\]"),
    ],
)
def test_what_is_no_transcript_is_said(data: bytes, said: str) -> None:
    """A file of another kind gets a sentence, never a traceback."""
    with pytest.raises(BadTranscript, match=said):
        formats.parse(data, name="call.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path that cannot be read is in the message."""
    with pytest.raises(BadTranscript, match=r"cannot read .*none\.json: No such file"):
        formats.read(tmp_path / "none.json")
