"""Which turns only listen, and which small words do more."""

from __future__ import annotations

import pytest

from rubric.backchannels import listens, makes_no_bid
from tests.rubric.test_interruptions import Said, transcript
from transcription.types import Transcript, Turn

STORY: Said = ("customer", 0, 10, "and then the second one came and it was the wrong size as well so I")


def listening(*said: Said) -> bool:
    """Whether the last turn given only listens."""
    made = transcript(*said)
    return listens(made, made.turns[-1])


def written(*said: tuple[str, str]) -> bool:
    """The same without times."""
    turns = tuple(
        Turn(index, "agent" if who == "agent" else "customer", None, None, text)
        for index, (who, text) in enumerate(said)
    )
    return listens(Transcript(turns=turns, times_from="none"), turns[-1])


@pytest.mark.parametrize("text", ["Mm-hmm.", "uh-huh", "Yeah.", "right", "Yeah, yeah.", "Mhm, right.", "Hmm"])
def test_go_on_inside_the_others_talk_listens(text: str) -> None:
    assert listening(STORY, ("agent", 5, 5.4, text))


@pytest.mark.parametrize("text", ["Oh.", "I see.", "Okay.", "Exactly.", "Wow.", "Um", "No.", "Right, your number?"])
def test_a_word_that_answers_or_makes_ready_to_speak_does_more(text: str) -> None:
    assert not listening(STORY, ("agent", 5, 5.4, text))


def test_at_the_edge_a_sound_still_listens_and_a_word_agrees() -> None:
    assert listening(STORY, ("agent", 9.8, 10.3, "Mm-hmm."))
    assert not listening(STORY, ("agent", 9.8, 10.3, "Yeah."))


def test_behind_the_others_talk_it_is_an_answer() -> None:
    assert not listening(STORY, ("agent", 10.4, 10.8, "Mm-hmm."))
    assert not listening(STORY, ("agent", 9.97, 10.8, "Mm-hmm."))


def test_nobody_listens_to_themselves() -> None:
    assert not listening(STORY, ("customer", 5, 5.4, "Yeah."))


def test_without_times_it_stands_behind_what_asks_nothing() -> None:
    assert written(("customer", "And then the boiler went."), ("agent", "Yeah."))
    assert not written(("customer", "Is that the end of it?"), ("agent", "Yeah."))
    assert not written(("customer", "Hello."), ("agent", "So you posted it on Monday."), ("agent", "Right."))
    assert written(("customer", "And then the boiler went."), ("agent", "O.K."), ("agent", "Yeah."))


def test_what_makes_no_bid_is_wider() -> None:
    """An "okay" cuts nobody off, though it does more than listen; nor does a sound of half a second, whatever it is."""
    made = transcript(STORY, ("agent", 5, 6, "O.K., I see."), ("agent", 7, 7.5, "But you"), ("agent", 8, 9, "But you"))
    assert [makes_no_bid(made, turn, max_words=3, max_s=0.7) for turn in made.turns[1:]] == [True, True, False]
