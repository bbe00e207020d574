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
    that is asked; `wording_positive` and `wording_negative`. Of the customer: `let_down`, a failure of the company's;
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


class RubricRef(msgspec.Struct, frozen=True):
    """Which rubric judged: its id, and its version, a hash of its meaning."""

    id: str
    version: str


class Scorecard(msgspec.Struct, frozen=True):
    """A call judged. `percent` (0 to 100) is None when nothing applied or coverage (0 to 1) is under the floor."""

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
