"""What a transcript is judged to contain: acts, occasions, interruptions, and the scorecard made of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from transcription.types import Speaker

Verdict = Literal["met", "partly", "missed", "not_applicable", "not_scorable"]


class Evidence(msgspec.Struct, frozen=True):
    """The words that prove a point.

    `turn` is the turn's index and `words` the half-open range of words in its text (as `text.split()` counts
    them); `start_s` and `end_s` are when they were said, None where the transcript has no times. `rule` names
    the rule that found them.
    """

    turn: int
    words: tuple[int, int]
    quote: str
    rule: str
    start_s: float | None = None
    end_s: float | None = None


class Act(msgspec.Struct, frozen=True):
    """What a turn does, by a label of the codebook, with the words that show it.

    Some labels are the rubric's own. Of the agent: `validation_weak`, a set phrase that names neither feeling nor
    trouble ("I hear you"); `apology_weak`, one with a condition or that puts it on the customer; `question`, anything
    that is asked; `wording_positive` and `wording_negative`; `next_steps`, what happens next
    and when; `asks_if_done`, was that all. Of the customer: `let_down`, a failure of the company's;
    `repeat_contact`, it is not the first time; `resolved` and `unresolved`, how they say it ended.
    """

    label: str
    speaker: Speaker
    evidence: Evidence


class Interruption(msgspec.Struct, frozen=True):
    """`by` cut in on the other. `turn` interrupts, `of_turn` is cut; the overlap is from `start_s` to `end_s`.

    The times are None only in a candidate from a text without times.
    """

    by: Speaker
    turn: int
    of_turn: int
    start_s: float | None
    end_s: float | None
    overlap_s: float | None
    severe: bool
    venting: bool
    rule: str


class Interruptions(msgspec.Struct, frozen=True):
    """All interruptions of a call, or why they cannot be known.

    `unknown` is None where they can be counted; otherwise it says why not, `found` is empty and `candidates`
    holds what could be seen all the same.
    """

    found: tuple[Interruption, ...] = ()
    candidates: tuple[Interruption, ...] = ()
    unknown: str | None = None


class Occasion(msgspec.Struct, frozen=True):
    """A moment that called for something, and the act that answered it, if one did."""

    kind: str
    evidence: Evidence
    answered_by: Evidence | None = None


class Score(msgspec.Struct, frozen=True):
    """One criterion's verdict with all that proves it. `points` is None where the verdict leaves the arithmetic."""

    criterion: str
    question: str
    verdict: Verdict
    points: float | None
    max_points: float
    reason: str
    critical: bool = False
    evidence: tuple[Evidence, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    thresholds: dict[str, float] = {}


class Measures(msgspec.Struct, frozen=True):
    """What is measured of a conversation and earns no points. A figure that cannot be known is None, never 0.

    What rests on time is None in writing, without times of speech, and where a channel was not heard; in a labelled
    transcript the times of turns stand for speech, and pauses inside a turn count as talk. What rests on who spoke is
    None where speakers are not told apart or seem exchanged; what rests on words, where they were badly recognised or
    are of another language.

    `agent_talk_share` is the agent's part of both speakers' seconds of speech, 0 to 1; where both speak, both count.

    `agent_longest_monologue_s` and `customer_longest_monologue_s` are seconds from the first to the last word of the
    longest stretch of talk that no turn of the other's breaks but backchannels, and no silence over 3 s. An answer
    that the recogniser missed makes it too long. None where they never hold the floor.

    `agent_answer_s` and `customer_answer_s` are the median seconds from the end of the other's turn to the start of
    theirs, over all changes of the floor. Who begins before the other has ended took 0 s; a turn that ends before the
    other's does is no answer, nor is a backchannel. None where they never answer.

    `silences` counts the stretches over 3 s in which nobody speaks, between the first word and the last, and
    `silence_s` adds them up; hold music that sings is taken for speech. `explained_silences` and
    `explained_silence_s` are those of them before which the agent asked to wait ("bear with me while I look") and
    said nothing else since, or before which the customer did. Where a customer is doing what they were asked to, a
    silence is not explained.

    `agent_words_per_minute` and `customer_words_per_minute` go by their own speech, without pauses; by the times of
    turns, or with a recogniser that leaves out "um", they are some 6 % lower. None under 10 words. `pace_ratio` is
    the agent's by the customer's: 1 is the same pace. `pace_following` is how far the agent goes along where the
    customer speeds up or slows down: the correlation, -1 to 1, of their pace in a turn with the customer's in the
    turn before it. It is None under 8 such pairs of turns of 5 words; one call gives a hint, only many calls a figure.

    `mood_start` and `mood_end` are the customer's mood in the first and in the last third of their turns, -1 (upset)
    to 1 (content), by what they say: of the turns that show a feeling, those that are glad or settled less those that
    are upset or left with it. 0 is as much of both, or neither. None under two turns, or where they say too little.

    `stock_phrase_share` is the part of the agent's sentences of empathy (validation, apology, ownership) that could
    be said to anybody or have been said before in the call, 0 to 1; None without any.
    """

    agent_talk_share: float | None = None
    agent_longest_monologue_s: float | None = None
    customer_longest_monologue_s: float | None = None
    agent_answer_s: float | None = None
    customer_answer_s: float | None = None
    silences: int | None = None
    silence_s: float | None = None
    explained_silences: int | None = None
    explained_silence_s: float | None = None
    agent_words_per_minute: float | None = None
    customer_words_per_minute: float | None = None
    pace_ratio: float | None = None
    pace_following: float | None = None
    mood_start: float | None = None
    mood_end: float | None = None
    stock_phrase_share: float | None = None


class RubricRef(msgspec.Struct, frozen=True):
    """Which rubric judged: its id, and its version, a hash of its meaning."""

    id: str
    version: str


class Scorecard(msgspec.Struct, frozen=True):
    """A call judged. `percent` (0 to 100) is None when nothing applied or coverage (0 to 1) is under the floor.

    `measures` is None in a scorecard that was stored by a version which did not measure.
    """

    percent: float | None
    coverage: float | None
    scores: tuple[Score, ...]
    interruptions: Interruptions
    acts: tuple[Act, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    rubric: RubricRef
    scorer: str
    model: str | None
    measures: Measures | None = None
