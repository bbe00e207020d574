"""Word error rate and stray words, on cases small enough to count by hand."""

from __future__ import annotations

import pytest

from benchmarks import words
from benchmarks.truth import Truth, TruthTurn
from transcription.types import Interval, Transcript, Turn, Word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't, DON’T!", ["dont", "dont"]),
        ("forty-one", ["forty", "one"]),
        ("It's 41 -- $3.50", ["its", "41", "3", "50"]),
        ("¿En qué puedo ayudarle?", ["en", "qué", "puedo", "ayudarle"]),
        (" -- ", []),
    ],
)
def test_normalised(text: str, expected: list[str]) -> None:
    """Case and punctuation do not matter, apostrophes close up, numerals stay numerals."""
    assert words.normalised(text) == expected


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a x c", 1),
        ("a b c", "a c", 1),
        ("a b c", "a b c d e", 2),
        ("", "thank you", 2),
    ],
)
def test_errors(said: str, heard: str, expected: int) -> None:
    """Every word put in, left out or changed is one error."""
    assert words.errors(said.split(), heard.split()) == words.Errors(expected, len(said.split()))


def test_rate_of_nothing_said_is_unknown() -> None:
    """No words said: no rate, not 0."""
    assert words.Errors(2, 0).rate is None


def truth(*turns: TruthTurn, holds: tuple[Interval, ...] = ()) -> Truth:
    return Truth("a.wav", {"left": "agent", "right": "customer"}, turns, holds=holds)


def test_call_errors_hold_each_speaker_against_their_own_words() -> None:
    """A word given to the wrong speaker is two errors: one left out, one put in."""
    true = truth(
        TruthTurn("agent", 0.0, 1.0, "hello there"),
        TruthTurn("customer", 1.0, 2.0, "yes"),
        TruthTurn("agent", 2.0, 3.0, "good"),
    )

    assert words.call_errors(true, {"agent": "Hello there. Good.", "customer": "Yes!"}) == words.Errors(0, 4)
    assert words.call_errors(true, {"agent": "Hello there.", "customer": "Yes, good."}) == words.Errors(2, 4)
    assert words.call_errors(true, {}) == words.Errors(4, 4)


def test_text_by_speaker_is_in_order_of_time() -> None:
    """Turns are put in order of their starts, speaker by speaker."""
    late, early = Turn(1, "agent", 5.0, 6.0, "later"), Turn(0, "agent", 0.0, 1.0, "first")
    other = Turn(2, "customer", 2.0, 3.0, "x")

    assert words.text_by_speaker(Transcript((late, early, other))) == {"agent": "first later", "customer": "x"}


def test_strays_are_words_whose_middle_is_away_from_their_speakers_talk() -> None:
    """Within 0.3 s is no stray; the other's talk is no home; hold music is counted apart."""
    true = truth(
        TruthTurn("agent", 1.0, 2.0, "one"),
        TruthTurn("customer", 10.0, 12.0, "two"),
        holds=(Interval(20.0, 30.0),),
    )
    heard = (
        Word("near", 2.1, 2.4),  # middle 2.25
        Word("far", 2.2, 2.6),  # middle 2.4
        Word("leak", 10.5, 11.0),
        Word("music", 21.0, 21.5),
    )
    transcript = Transcript((Turn(0, "agent", 1.0, 21.5, "near far leak music", heard),))

    assert words.strays(true, transcript) == words.Strays(words=4, in_silence=3, on_hold=1)


def test_talk_over_hold_music_is_no_stray() -> None:
    """Who speaks while music plays is speaking."""
    true = truth(TruthTurn("customer", 21.0, 22.0, "hello"), holds=(Interval(20.0, 30.0),))
    transcript = Transcript((Turn(0, "customer", 21.0, 22.0, "hello", (Word("hello", 21.0, 22.0),)),))

    assert words.strays(true, transcript) == words.Strays(words=1)
