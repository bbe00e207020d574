"""Turns follow the voice: gaps, taking the floor, backchannels."""

from __future__ import annotations

import pytest

from transcription.backchannels import acknowledges
from transcription.sentences import broken_off, finished
from transcription.turns import cut
from transcription.types import Interval, Speaker, Turn, Word


def said(text: str, start_s: float, end_s: float) -> list[Word]:
    """The words of `text`, spread over the interval."""
    words = text.split()
    step_s = (end_s - start_s) / len(words)
    return [Word(word, start_s + i * step_s, start_s + (i + 1) * step_s) for i, word in enumerate(words)]


def turns(*stretches: tuple[Speaker, float, float, str]) -> list[tuple[str, str, bool]]:
    """Speaker, text and backchannel of the turns that these stretches of speech make."""
    speech: dict[Speaker, list[Interval]] = {"agent": [], "customer": []}
    words: dict[Speaker, list[Word]] = {"agent": [], "customer": []}
    for speaker, start_s, end_s, text in stretches:
        speech[speaker].append(Interval(start_s, end_s))
        words[speaker] += said(text, start_s, end_s) if text else []
    found: tuple[Turn, ...] = cut(speech, words, turn_gap_s=0.6)
    assert [turn.index for turn in found] == list(range(len(found)))
    return [(turn.speaker, turn.text, turn.backchannel) for turn in found]


def test_a_short_gap_is_one_turn_and_a_long_one_two() -> None:
    assert turns(("agent", 0, 1, "One moment"), ("agent", 1.5, 2, "please.")) == [
        ("agent", "One moment please.", False)
    ]
    assert len(turns(("agent", 0, 1, "One moment"), ("agent", 1.7, 2, "please."))) == 2


def test_a_gap_in_which_the_other_takes_the_floor_ends_the_turn() -> None:
    found = turns(
        ("agent", 0, 2, "Is it the blue one?"), ("customer", 2.05, 2.45, "The red."), ("agent", 2.5, 4, "Fine.")
    )
    assert [text for _, text, _ in found] == ["Is it the blue one?", "The red.", "Fine."]


def test_a_backchannel_is_a_turn_of_its_own_and_does_not_cut_the_others() -> None:
    found = turns(
        ("customer", 0, 5, "So I paid it at the counter like always,"),
        ("agent", 4.8, 5.5, "Mm-hm. Okay."),
        ("customer", 5.2, 9, "and they cut me off."),
    )
    assert found == [
        ("customer", "So I paid it at the counter like always, and they cut me off.", False),
        ("agent", "Mm-hm. Okay.", True),
    ]


def test_an_answer_behind_a_question_is_no_backchannel() -> None:
    """It is not inside the other's talk."""
    assert turns(("agent", 0, 2, "Is that you?"), ("customer", 2.3, 2.6, "Yes.")) == [
        ("agent", "Is that you?", False),
        ("customer", "Yes.", False),
    ]


def test_objecting_inside_the_others_talk_is_no_backchannel() -> None:
    found = turns(("agent", 0, 8, "The fee is due because you agreed to it."), ("customer", 3, 4.2, "No I did not."))
    assert ("customer", "No I did not.", False) in found


def test_one_who_begins_in_the_pause_of_an_unfinished_sentence_took_nothing() -> None:
    """The sentence goes on over them: it stays one turn, so that nobody is said to have interrupted by going on."""
    found = turns(
        ("agent", 0, 3, "It is a break, either at the pole"),
        ("customer", 3.2, 7, "But they said it was the box!"),
        ("agent", 3.4, 4.4, "or in the street"),
    )
    assert found[0] == ("agent", "It is a break, either at the pole or in the street", False)


def test_one_who_begins_after_a_finished_sentence_has_the_floor() -> None:
    found = turns(
        ("agent", 0, 3, "It was at the pole."),
        ("customer", 3.2, 7, "But they said it was the box!"),
        ("agent", 3.5, 5.4, "And I will send someone."),
    )
    assert [text for _, text, _ in found] == [
        "It was at the pole.",
        "But they said it was the box!",
        "And I will send someone.",
    ]


def test_an_um_without_words_is_no_turn() -> None:
    assert turns(("agent", 0, 1, "Hello."), ("customer", 2, 2.5, "")) == [("agent", "Hello.", False)]


def test_speech_without_words_is_a_turn_without_text() -> None:
    assert turns(("agent", 0, 1, "Hello."), ("customer", 2, 3.5, "")) == [
        ("agent", "Hello.", False),
        ("customer", "", False),
    ]


@pytest.mark.parametrize(
    "text",
    ["Mm-hm.", "Okay. Okay.", "Right, sir.", "yeah", "I see.", "Uh-huh, of course.", "Oh dear.", "Got it", "Yes, yes."],
)
def test_acknowledgements(text: str) -> None:
    assert acknowledges(text)


@pytest.mark.parametrize(
    "text", ["No.", "Sorry?", "", "Yes but", "I know what you mean", "Okay, so what", "Wait.", "It is."]
)
def test_no_acknowledgements(text: str) -> None:
    assert not acknowledges(text)


@pytest.mark.parametrize(
    "text",
    [
        "I paid it.",
        "Is that right?",
        "Yes, I am.",
        "no we were.",
        "Who is it for?",
        "Come in.",
        "Tuesday!",
        'He said "go."',
    ],
)
def test_finished_sentences(text: str) -> None:
    assert finished(text)


@pytest.mark.parametrize(
    "text",
    [
        "and then I--",
        "It takes a",
        "He went to the.",
        "so that's...",
        "either at the pole or.",
        "So what am I supposed to?",
        "I told you, ",
        "",
    ],
)
def test_unfinished_sentences(text: str) -> None:
    assert not finished(text)
    assert broken_off(text)
