"""Who cut in on whom.

By DESIGN's definition: B starts while A is speaking, they overlap long enough, B's turn is no backchannel, and A gives
way unfinished or B holds the floor after A stops. An overlap in which A finishes the sentence is none, nor is one that
completes A's sentence. Timing comes from speech (in a labelled transcript the turns' own times stand for it); whether
a sentence was finished comes from the words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from rubric import backchannels
from rubric.thresholds import InterruptionThresholds
from rubric.types import Interruption, Interruptions
from transcription.sentences import broken_off, finished, last_sentence, words
from transcription.types import Interval, Transcript, Turn

_QUESTION = re.compile(
    r"^(?:(?:and|but|so|okay|ok|now|well|alright|um|uh|sorry)[, ]+)*"
    r"(?:who|what|when|where|why|how|which|whose|is|are|am|was|were|do|does|did|can|could|will|would|shall|should|have|"
    r"has|had|may|might|isn't|aren't|don't|doesn't|didn't|can't|couldn't|won't|wouldn't|haven't|hasn't)\b"
)
_CLOSING = re.compile(
    r"\b(?:please|thanks|thank you|bye|goodbye|you know|sir|ma'am|madam|okay|all ?right|right|isn't it|is that right|"
    r"is that correct|is that okay|correct)[.!?]+$"
)
_OBJECTS = frozenset({"no", "not", "nope", "nothing", "wait", "listen", "finish", "let", "excuse", "don't", "stop"})
_OF_NO_MEANING = frozenset(
    {"you", "your", "it", "that", "this", "they", "them", "there", "he", "she", "him", "her", "me", "my", "we", "us"}
    | {"the", "and", "but", "for", "was", "were", "are", "have", "had", "has", "with", "when", "what", "not", "just"}
)
_CONFIRMS = re.compile(r"^(?:yes|yeah|yep|exactly|that's (?:it|right|the one)|right|correct|precisely)\b")


def find(transcript: Transcript, thresholds: InterruptionThresholds, *, upset: Collection[int] = ()) -> Interruptions:
    """Interruptions by both sides in order of time, or why they cannot be known.

    `upset` holds the indices of customer turns with negative emotion: one of them that lasts `venting_s` is venting.
    """
    if transcript.speakers_from is None:
        return Interruptions(unknown="the speakers cannot be told apart, so nobody knows who cut in on whom")
    if transcript.times_from not in {"speech", "turns"}:
        return Interruptions(
            candidates=_marked(transcript),
            unknown="the transcript has no times of speech, so overlap cannot be measured",
        )
    turns = [turn for turn in transcript.turns if turn.start_s is not None and turn.end_s is not None]
    if not turns:
        return Interruptions(unknown="the transcript's turns have no times, so overlap cannot be measured")
    found: list[Interruption] = []
    without_text: list[Interruption] = []
    going_on: list[Turn] = []  # turns that have not ended when `b` starts
    for position, b in enumerate(turns):
        going_on = [turn for turn in going_on if _end_s(turn) > _start_s(b)]
        a = _talked_over(going_on, b, transcript, thresholds)
        going_on.append(b)
        if a is None:
            continue
        overlap_s = _overlap_s(transcript, a, b, thresholds.breath_s)
        rule = _rule(a, b, overlap_s, turns[position + 1 :], transcript, thresholds)
        if rule is None:
            continue
        each = _interruption(a, b, overlap_s, rule, thresholds, upset)
        (found if a.text and b.text else without_text).append(each)
    if without_text:
        return Interruptions(
            candidates=tuple(sorted([*found, *without_text], key=lambda each: each.turn)),
            unknown="two spoke at once where the words of one could not be recognised",
        )
    return Interruptions(found=tuple(found))


def _talked_over(
    earlier: Sequence[Turn], b: Turn, transcript: Transcript, thresholds: InterruptionThresholds
) -> Turn | None:
    """The other's turn that is being spoken when `b` starts: not in a pause that is longer than a breath."""
    for a in reversed(earlier):
        if (
            a.speaker != b.speaker
            and _start_s(a) + thresholds.heard_s <= _start_s(b) < _end_s(a)
            and not _is_backchannel(transcript, a, thresholds)
        ):
            talk = _talk(transcript.speech_of(a.speaker), thresholds.breath_s)
            return a if any(one.start_s <= _start_s(b) < one.end_s for one in talk) else None
    return None


def _rule(  # noqa: PLR0917 - what a clause looks at
    a: Turn,
    b: Turn,
    overlap_s: float,
    later: Sequence[Turn],
    transcript: Transcript,
    thresholds: InterruptionThresholds,
) -> str | None:
    """The name of the clause by which `b` interrupts `a`; None where it does not."""
    if overlap_s < thresholds.min_overlap_s or _is_backchannel(transcript, b, thresholds):
        return None
    finishes = _finishes(a, transcript)
    if _completes(a, b, later, thresholds) or (finishes and overlap_s < thresholds.end_overlap_s):
        return None
    if not finishes and _end_s(a) - _start_s(b) <= thresholds.yield_s:
        return "gave_way"
    return "held_the_floor" if _end_s(b) - _end_s(a) >= thresholds.hold_s else None


def _overlap_s(transcript: Transcript, a: Turn, b: Turn, breath_s: float) -> float:
    """Seconds in which both speak, within the two turns; a breath inside somebody's talk is not silence."""
    both = Interval(_start_s(b), min(_end_s(a), _end_s(b)))
    return sum(
        max(0.0, min(mine.end_s, theirs.end_s, both.end_s) - max(mine.start_s, theirs.start_s, both.start_s))
        for mine in _talk(transcript.speech_of(a.speaker), breath_s)
        for theirs in _talk(transcript.speech_of(b.speaker), breath_s)
    )


def _talk(speech: Sequence[Interval], breath_s: float) -> list[Interval]:
    """Speech with the gaps closed that are no longer than a breath."""
    talk: list[Interval] = []
    for interval in speech:
        if talk and talk[-1].gap_s(interval) < breath_s:
            talk[-1] = Interval(talk[-1].start_s, max(talk[-1].end_s, interval.end_s))
        else:
            talk.append(interval)
    return talk


def _is_backchannel(transcript: Transcript, turn: Turn, thresholds: InterruptionThresholds) -> bool:
    """By the rubric's numbers alone."""
    return backchannels.makes_no_bid(
        transcript, turn, max_words=thresholds.backchannel_max_words, max_s=thresholds.backchannel_max_s
    )


def _finishes(a: Turn, transcript: Transcript) -> bool:
    """Whether A came to the end of the sentence.

    People who write a talk down mark where it breaks off; a recogniser does not: it closes nearly every cut-off turn
    with a full stop. So its full stop is believed only behind a whole question or a closing word.
    """
    if transcript.engine is None:
        return finished(a.text)
    if broken_off(a.text):
        return False
    sentence = last_sentence(a.text).lower().replace("’", "'")
    whole_question = sentence.endswith("?") and len(words(sentence)) >= 4 and _QUESTION.search(sentence) is not None
    return whole_question or _CLOSING.search(sentence) is not None


def _completes(a: Turn, b: Turn, later: Sequence[Turn], thresholds: InterruptionThresholds) -> bool:
    """Whether B says the end of A's sentence: takes up A's last word, or offers a word or two that A then takes.

    The word taken up must be one with a meaning of its own, and A must not object in the next breath.
    """
    theirs, mine = words(a.text), words(b.text)
    if not theirs or not 0 < len(mine) <= thresholds.completion_max_words:
        return False
    answer = next((turn for turn in later if turn.speaker == a.speaker and not turn.backchannel), None)
    answered = words(answer.text) if answer else []
    if any(word in _OBJECTS for word in answered[:4]):
        return False
    echoes = theirs[-1] == mine[0] and theirs[-1] not in _OF_NO_MEANING and len(theirs[-1]) > 2
    confirmed = bool(answered) and _CONFIRMS.match(" ".join(answered)) is not None
    supplies = len(mine) <= 3 and "?" not in b.text and broken_off(a.text) and confirmed
    return echoes or supplies


def _interruption(  # noqa: PLR0917 - what an interruption is made of
    a: Turn, b: Turn, overlap_s: float, rule: str, thresholds: InterruptionThresholds, upset: Collection[int]
) -> Interruption:
    return Interruption(
        by=b.speaker,
        turn=b.index,
        of_turn=a.index,
        start_s=_start_s(b),
        end_s=round(min(_end_s(a), _end_s(b)), 3),
        overlap_s=round(overlap_s, 3),
        severe=overlap_s >= thresholds.severe_s,
        venting=a.speaker == "customer" and a.index in upset and _end_s(a) - _start_s(a) >= thresholds.venting_s,
        rule=rule,
    )


def _marked(transcript: Transcript) -> tuple[Interruption, ...]:
    """What the text's own marks suggest: a turn that ends in `--` before the other's, with no time to prove it."""
    return tuple(
        Interruption(
            b.speaker, b.index, a.index, None, None, None, severe=False, venting=False, rule="broken_off_in_text"
        )
        for a, b in pairwise(transcript.turns)
        if a.speaker != b.speaker and a.text.rstrip().endswith(("--", "—")) and not b.backchannel
    )


def _start_s(turn: Turn) -> float:
    return turn.start_s if turn.start_s is not None else 0.0


def _end_s(turn: Turn) -> float:
    return turn.end_s if turn.end_s is not None else 0.0
