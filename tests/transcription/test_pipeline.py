"""From a recording to a transcript, with real weights."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest

from tests.conftest import Fetched, Scored
from tests.transcription.conftest import DATA, DEMO, Encode
from transcription import Recogniser, Settings, Transcript, swapped, transcribe
from transcription.audio import decode
from transcription.sound import RATE
from transcription.types import Turn

HOUR_S = 3600.0


@pytest.fixture(scope="module")
def call(recogniser: Recogniser) -> Transcript:
    return transcribe(DATA / "call-7-08.wav", recogniser)


def codes(transcript: Transcript) -> list[tuple[str, str | None]]:
    return [(doubt.code, doubt.speaker) for doubt in transcript.doubts]


def texts(transcript: Transcript, speaker: str) -> str:
    return " ".join(turn.text for turn in transcript.turns if turn.speaker == speaker)


def test_the_words_of_each_speaker_are_theirs(call: Transcript) -> None:
    """The sentences of the truth, at their times, under the right speaker."""
    truth = json.loads((DATA / "call-7-08.truth.json").read_text())
    for true in truth["turns"]:
        middle_s = (true["start_s"] + true["end_s"]) / 2
        (turn,) = [t for t in call.turns if t.speaker == true["speaker"] and _spans(t, middle_s)]
        said = set(true["text"].lower().replace(".", "").replace(",", "").split())
        heard = set(turn.text.lower().replace(".", "").replace(",", "").split())
        assert len(said & heard) >= 0.7 * len(said)


def _spans(turn: Turn, at_s: float) -> bool:
    return turn.start_s is not None and turn.end_s is not None and turn.start_s <= at_s < turn.end_s


def test_every_word_stands_in_its_speakers_speech(call: Transcript) -> None:
    for turn in call.turns:
        assert turn.text == " ".join(word.text for word in turn.words)
        for word in turn.words:
            middle_s = (word.start_s + word.end_s) / 2
            assert any(i.start_s <= middle_s <= i.end_s for i in call.speech[turn.speaker])
            assert word.probability is not None
            assert 0 <= word.probability <= 1


def test_the_transcript_says_where_it_came_from(call: Transcript) -> None:
    assert call.language == "en"
    assert call.speakers_from == "channels"
    assert call.times_from == "speech"
    assert call.engine is not None
    assert call.engine.model == "tiny.en"
    assert call.engine.model_sha256 == "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
    assert call.engine.settings["beam_size"] == 5
    assert call.engine.settings["turn_gap_s"] == 0.6


def test_the_same_recording_gives_the_same_transcript(call: Transcript, recogniser: Recogniser) -> None:
    """To the byte, whatever the size of the batches."""
    again = transcribe(DATA / "call-7-08.wav", recogniser, settings=Settings(batch_size=8))
    assert msgspec.json.encode(again) == msgspec.json.encode(call)


def test_exchanging_the_channels_after_the_fact_is_the_same_as_saying_so_before(recogniser: Recogniser) -> None:
    right = transcribe(DATA / "two-people-5s.wav", recogniser, agent_channel="right")
    left = transcribe(DATA / "two-people-5s.wav", recogniser, agent_channel="left")
    assert left != right
    assert swapped(left) == right
    assert swapped(swapped(left)) == left


def test_no_word_stands_where_only_a_leak_is_heard(recogniser: Recogniser) -> None:
    """The customer explains for half a minute, the agent says a word or two, and the channel leaks all of it."""
    truth = json.loads((DATA / "leak-w4-07.truth.json").read_text())
    spoken = [(t["start_s"] - 0.3, t["end_s"] + 0.3) for t in truth["turns"] if t["speaker"] == "agent"]
    transcript = transcribe(DATA / "leak-w4-07.ogg", recogniser)
    words = [word for turn in transcript.turns if turn.speaker == "agent" for word in turn.words]
    middles = [(word.text, (word.start_s + word.end_s) / 2) for word in words]
    assert [word for word in middles if not any(start <= word[1] <= end for start, end in spoken)] == []


def test_hold_music_has_no_words(recogniser: Recogniser) -> None:
    transcript = transcribe(DEMO / "broadband.mp3", recogniser)
    assert [w.text for t in transcript.turns for w in t.words if 27.7 < (w.start_s + w.end_s) / 2 < 39.0] == []


def test_one_channel_is_one_unknown_speaker(recogniser: Recogniser, encode: Encode) -> None:
    left, right = decode(DATA / "two-people-5s.wav", max_duration_s=HOUR_S).channels
    transcript = transcribe(encode("mono.wav", [(left + right) / 2]), recogniser)
    assert {turn.speaker for turn in transcript.turns} == {"unknown"}
    assert transcript.speakers_from is None
    assert codes(transcript) == [("one_channel", None)]
    assert texts(transcript, "unknown")


@pytest.mark.parametrize("kind", ["silence", "music"])
def test_a_recording_without_speech_is_an_empty_transcript_that_says_so(
    recogniser: Recogniser, encode: Encode, kind: str
) -> None:
    time_s = np.arange(12 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * pitch * time_s) for pitch in (220.0, 277.2, 329.6)) * 0.1
    sound = (chord * (1 + 0.5 * np.sin(2 * np.pi * 2 * time_s)) if kind == "music" else 0 * time_s).astype(np.float32)
    noise = (0.0005 * np.random.default_rng(1).standard_normal(len(time_s))).astype(np.float32)
    transcript = transcribe(encode("call.wav", [sound, noise]), recogniser)
    assert transcript.turns == ()
    assert ("no_speech", None) in codes(transcript)
    assert transcript.duration_s == pytest.approx(12.0)
    assert transcript.language is None


def test_a_dead_channel_is_said_and_the_other_transcribed(recogniser: Recogniser, encode: Encode) -> None:
    left, right = decode(DATA / "two-people-5s.wav", max_duration_s=HOUR_S).channels
    transcript = transcribe(encode("call.wav", [left, np.zeros_like(right)]), recogniser)
    assert ("dead_channel", "customer") in codes(transcript)
    assert texts(transcript, "agent")


def test_a_whispering_agent_is_doubted_and_nobody_else(scored: Scored) -> None:
    transcript = scored("whispered-agent.mp3").transcript
    assert transcript is not None
    assert codes(transcript) == [("unheard_speech", "agent")]


def test_a_real_call_reads_as_a_conversation_and_raises_no_doubt(scored: Scored) -> None:
    """Two real people on a telephone: greeting first, the two by turns, and what each is there to say."""
    transcript = scored("auto-repairs-40.ogg").transcript
    assert transcript is not None
    assert transcript.doubts == ()
    assert transcript.turns[0].speaker == "agent"
    assert "thank you for calling" in transcript.turns[0].text.lower()
    assert "appointment" in texts(transcript, "agent").lower()
    assert "light" in texts(transcript, "customer").lower()
    changes = sum(a.speaker != b.speaker for a, b in zip(transcript.turns, transcript.turns[1:], strict=False))
    assert changes >= 20


def test_a_model_of_many_languages_finds_the_language(
    scored: Scored, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`base` hears Spanish and writes it."""
    monkeypatch.setenv("QA_MODELS", str(fetched.folder))
    transcript = scored("spanish-call.ogg", "base").transcript
    assert transcript is not None
    assert transcript.language == "es"
    assert transcript.language_probability is not None
    assert transcript.language_probability > 0.8
    assert "agua caliente" in texts(transcript, "customer").lower()


def test_progress_reaches_the_whole(recogniser: Recogniser) -> None:
    told: list[float] = []
    transcribe(DATA / "two-people-5s.wav", recogniser, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
