"""Values of which every field is its own, so that none can be lost or exchanged unseen, and calls made of them."""

import hashlib

from qa.judging import known_by
from qa.metadata import Metadata
from qa.store import KeptTranscript, Scored
from rubric import Rubric
from rubric.types import (
    Act,
    Evidence,
    Interruption,
    Interruptions,
    Measures,
    Occasion,
    RubricRef,
    Score,
    Scorecard,
)
from transcription.types import Doubt, Engine, Interval, Transcript, Turn, Word

FULL_TRANSCRIPT = Transcript(
    turns=(
        Turn(
            0,
            "customer",
            0.5,
            2.25,
            "My bill, again.",
            (
                Word("My", 0.5, 0.7, 0.9),
                Word("bill,", 0.7, 1.1),
            ),
        ),
        Turn(1, "agent", 1.9, 2.1, "Mhm.", backchannel=True),
        Turn(2, "agent", None, None, "I'm sorry about that.", sent_at="2026-03-02T09:14:00Z"),
    ),
    duration_s=12.375,
    language="en",
    language_probability=0.98,
    speakers_from="channels",
    times_from="speech",
    medium="social",
    speech={"customer": (Interval(0.5, 1.5), Interval(1.75, 2.25)), "agent": ()},
    engine=Engine("recogniser 1", "tiny.en", "ab" * 32, {"beam_size": 5, "language": None, "x": 0.5, "y": True}),
    doubts=(Doubt("dead_channel", "The agent's channel is silent.", "agent"), Doubt("truncated", "It ends early.")),
)
_APOLOGY = Evidence(2, (0, 4), "I'm sorry about that.", "apology.sorry")
_BILL = Evidence(0, (1, 3), "bill, again.", "struggle.again", 0.7, 2.25)
_CUT = Interruption("agent", 1, 0, 1.9, 2.1, 0.2, severe=True, venting=False, rule="takes-the-floor")
_MAYBE = Interruption("customer", 0, 1, 1.875, 2.0, 0.125, severe=False, venting=True, rule="may-be")

FULL_SCORECARD = Scorecard(
    percent=62.5,
    coverage=0.8,
    scores=(
        Score("second_in_name_first_in_rubric", "Is it?", "met", 5.0, 5.0, "It was.", True, (_APOLOGY, _BILL)),
        Score("a_first_in_name", "Was it?", "missed", 0.0, 3.0, "It was not.", False, (), (
            Occasion("struggle", _BILL, _APOLOGY), Occasion("refusal", _BILL),
        ), {"within_turns": 3.0, "share": 0.34}),
        Score("third", "Will it be?", "not_scorable", None, 2.0, "It cannot be known."),
    ),
    interruptions=Interruptions((_CUT, _CUT), (_MAYBE,), "one channel"),
    acts=(Act("apology", "agent", _APOLOGY), Act("struggle", "customer", _BILL)),
    flags=("one_channel", "swapped"),
    reasons=("Both speak on one channel.",),
    rubric=RubricRef("house", "0123456789ab"),
    scorer="ba9876543210",
    model="tiny.en",
    measures=Measures(
        agent_talk_share=0.625, agent_longest_monologue_s=20.5, customer_longest_monologue_s=30.25, agent_answer_s=0.0,
        customer_answer_s=0.4, silences=0, silence_s=12.75, explained_silences=1, explained_silence_s=7.5,
        agent_words_per_minute=171.5, customer_words_per_minute=180.0, pace_ratio=0.953, pace_following=-0.25,
        mood_start=-1.0, mood_end=0.333, stock_phrase_share=0.0625,
    ),
)  # fmt: skip


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def scored(
    rubric: Rubric,
    *,
    recording: str = "a.wav",
    team: str = "North",
    transcript: Transcript = FULL_TRANSCRIPT,
    card: Scorecard = FULL_SCORECARD,
    made_with: str = "tiny",
    agent: str | None = None,
    contact_id: str | None = None,
) -> Scored:
    """A call to save; its recording's name stands for the recording's bytes."""
    return Scored(
        sha256=sha256(recording),
        metadata=Metadata(recording=recording, team=team, agent=agent, contact_id=contact_id),
        kept=KeptTranscript(transcript=transcript, made_with=made_with, agent_channel="left"),
        scorecard=card,
        known_by=known_by(card),
        rubric=rubric,
    )
