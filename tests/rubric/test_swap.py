"""Channels the wrong way round are found by what is said, and never by who speaks first."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

import rubric
from transcription.types import Doubt, Speaker, Transcript, Turn

INBOUND: list[tuple[Speaker, str]] = [
    ("agent", "Thank you for calling Larch Homeware, this is Priya, how can I help you?"),
    ("customer", "Hi, I'm calling about my order, it never came."),
    ("agent", "Okay. Can I have your order number, please?"),
    ("customer", "Five five one two."),
    ("agent", "Let me pull up your account. I can send it again tomorrow."),
    ("customer", "That would be great."),
    ("agent", "Is there anything else I can help you with?"),
    ("customer", "No, thanks."),
]
OUTBOUND: list[tuple[Speaker, str]] = [
    ("customer", "Hello?"),
    ("agent", "Good morning, am I speaking to Mrs Odell? This is Priya from Larch Homeware."),
    ("customer", "Speaking. What is this about?"),
    ("agent", "I'm calling about your order, it's been delayed, and I wanted to give you a new date."),
    ("customer", "Oh. When will it come then?"),
    ("agent", "On Friday. Can I just confirm your postcode?"),
    ("customer", "LN two, four ay ay."),
]
FROM_THE_MIDDLE: list[tuple[Speaker, str]] = [
    ("customer", "And then it just went off, and I've been sitting in the cold since."),
    ("agent", "What does the display say?"),
    ("customer", "It says E four. Can I have someone out today?"),
    ("agent", "I can send an engineer between two and four."),
    ("customer", "Okay. Do you need my number?"),
    ("agent", "I have it here, thank you. Bear with me."),
]
EXCHANGED: dict[Speaker, Speaker] = {"agent": "customer", "customer": "agent"}


def call(said: list[tuple[Speaker, str]]) -> Transcript:
    turns = tuple(Turn(index, who, index * 5.0, index * 5.0 + 4, text) for index, (who, text) in enumerate(said))
    return Transcript(turns=turns, language="en", times_from="turns", speakers_from="channels")


@pytest.mark.parametrize("said", [INBOUND, OUTBOUND, FROM_THE_MIDDLE], ids=["inbound", "outbound", "from the middle"])
def test_the_right_way_round_is_not_flagged(said: list[tuple[Speaker, str]]) -> None:
    """Neither outbound calls nor recordings that begin in the middle are taken for exchanged ones."""
    assert rubric.swap_suspected(call(said)) == ()


@pytest.mark.parametrize("case", [str.upper, str.lower], ids=["upper", "lower"])
def test_exchanged_channels_are_flagged_with_the_words(case: Callable[[str], str]) -> None:
    """The "customer" greets for the company and verifies: flagged, with the words that show it."""
    turned = [(EXCHANGED[who], case(text)) for who, text in INBOUND]
    shown = rubric.swap_suspected(call(turned))
    assert {"swap.company-greeting", "swap.verifies", "swap.anything-else"} <= {each.rule for each in shown}


def test_exchanged_channels_are_not_scorable_until_settled() -> None:
    """The flag bars every criterion; a person's word on the channel lifts it."""
    turned = call([(EXCHANGED[who], text) for who, text in INBOUND])
    card = rubric.score(turned, rubric.load())
    assert card.flags == ("channels_swapped",)
    assert card.percent is None
    settled = rubric.score(turned, rubric.load(), speakers_settled=True)
    assert settled.flags == ()
    assert any(score.verdict != "not_scorable" for score in settled.scores)


def test_a_doubt_of_the_transcript_is_settled_too() -> None:
    """`channels_swapped` from elsewhere bars as well, until the channel is said."""
    doubted = msgspec.structs.replace(call(INBOUND), doubts=(Doubt("channels_swapped", "It was said."),))
    assert "channels_swapped" in rubric.score(doubted, rubric.load()).flags
    assert rubric.score(doubted, rubric.load(), speakers_settled=True).flags == ()


def test_whoever_labelled_the_turns_is_believed() -> None:
    """A transcript names its speakers; only channels and voices told apart can be exchanged."""
    turned = call([(EXCHANGED[who], text) for who, text in INBOUND])
    card = rubric.score(msgspec.structs.replace(turned, speakers_from="labelled"), rubric.load())
    assert card.flags == ()


def test_what_customers_quote_exchanges_no_channels() -> None:
    """Agents are quoted by those whom they told something, and customers ask for a number too."""
    said: list[tuple[Speaker, str]] = [
        ("agent", "Hello, Marcus here."),
        ("customer", "This is the fifth time I've rung you people and I'm sick of it."),
        ("agent", "Five times, that's not on."),
        ("customer", "And every time it's oh, somebody will call you back, and nobody does."),
        ("agent", "Then you ring me, on my own line."),
        ("customer", "All right. What's the number?"),
    ]
    assert rubric.swap_suspected(call(said)) == ()


def test_one_thing_said_is_not_enough() -> None:
    """Anybody may once say what the other side says."""
    said: list[tuple[Speaker, str]] = [
        ("agent", "Good morning, what can I do?"),
        ("customer", "Hello, what is going on with my street?"),
        ("agent", "They are digging there until Friday."),
    ]
    assert rubric.swap_suspected(call(said)) == ()
