"""What makes a conversation, or a part of it, unsafe to judge: each doubt with its code, before any criterion is."""

from __future__ import annotations

from typing import NamedTuple

from rubric import swap
from rubric.file import Rubric
from rubric.language import ENDS
from rubric.said import STOP, Said
from transcription.types import Transcript

# Doubts of the transcript that bar every criterion, because all rest on the whole call and on what both say.
_BARS = frozenset({
    "unheard_speech", "low_confidence", "one_channel", "dead_channel", "fragment", "no_speech", "other_language",
    "channels_swapped",
})  # fmt: skip
# Fewer words than this tell nothing of how well a recogniser understood.
_FEW_WORDS = 8
# In English talk, however plain, a third of the words and more are the small ones that carry no content (the lowest of
# 1,586 labelled conversations was 0.34); in Spanish, German, French and Dutch talk up to a quarter look like them.
_ENGLISH, _ENOUGH = 0.28, 25


class Barred(NamedTuple):
    """Why nothing can be scored (None where it can), and the codes of all doubts."""

    reason: str | None
    flags: tuple[str, ...]


def examine(transcript: Transcript, said: tuple[Said, ...], rubric: Rubric, *, speakers_settled: bool) -> Barred:
    """All doubts about a transcript; the first that bars gives the reason."""
    flags: set[str] = set()
    reasons: list[str] = []
    for doubt in transcript.doubts:
        if doubt.code == "channels_swapped" and speakers_settled:
            continue
        flags.add(doubt.code)
        if doubt.code in _BARS:
            reasons.append(doubt.reason)
    if transcript.language is not None and not _same_language(transcript.language, rubric.language):
        flags.add("other_language")
        reasons.append(
            f"The call is in another language ({transcript.language}); this rubric is for {rubric.language}."
        )
    elif _same_language(rubric.language, "en") and not _reads_as_english(said):
        flags.add("other_language")
        reasons.append("The words do not read as English, and this rubric is for English.")
    probability = word_probability(transcript)
    if probability is not None and probability < rubric.min_word_probability:
        flags.add("low_confidence")
        reasons.append(
            f"The words were recognised with a mean probability of {probability:.2f}, under "
            f"{rubric.min_word_probability:.2f}; a better speech model may hear them."
        )
    for code, reason in _speakers(transcript, said, settled=speakers_settled):
        flags.update(code)
        reasons.append(reason)
    return Barred(reasons[0] if reasons else None, tuple(sorted(flags)))


def _speakers(transcript: Transcript, said: tuple[Said, ...], *, settled: bool) -> list[tuple[tuple[str, ...], str]]:
    """Doubts about who spoke: flags and reason."""
    if missing := _who_is_missing(transcript, said):
        return [missing]
    # Whoever labelled the turns has said who speaks: only channels, and speakers told apart by sound, can be exchanged.
    shown = () if settled or transcript.speakers_from == "labelled" else swap.suspected(said)
    if not shown:
        return []
    reason = (
        f'The channels seem to be the wrong way round: the "{_who(said, shown[0].turn)}" says "{shown[0].quote}". '
        "Say which channel is the agent's to settle it."
    )
    return [(("channels_swapped",), reason)]


def _who_is_missing(transcript: Transcript, said: tuple[Said, ...]) -> tuple[tuple[str, ...], str] | None:
    """Where a speaker is missing, or who is who: flags and reason."""
    speakers = {each.turn.speaker for each in said if not ENDS.issuperset(each.line.stems)}  # marks alone are no words
    if transcript.speakers_from is None or (speakers and speakers <= {"unknown"}):
        reason = "The speakers are not told apart, and every question of the rubric needs to know who spoke."
        return ("one_channel",), reason
    if not speakers:
        return ("no_speech",), "Nobody says anything."
    if "agent" not in speakers:
        return (), "The agent says nothing, so there is nothing of theirs to judge."
    if "customer" not in speakers:
        return (), "The customer says nothing, so there is nothing that the agent could have answered to."
    return None


def _reads_as_english(said: tuple[Said, ...]) -> bool:
    """Whether enough of the words are small English ones, where there are words enough to tell."""
    stems = [stem for each in said for stem in each.line.stems if stem not in ENDS]
    return len(stems) < _ENOUGH or sum(stem in STOP for stem in stems) >= _ENGLISH * len(stems)


def word_probability(transcript: Transcript) -> float | None:
    """The mean probability of the words of whoever was understood worse; None where too few words have one."""
    means = []
    for speaker in {turn.speaker for turn in transcript.turns}:
        words = [word for turn in transcript.turns if turn.speaker == speaker for word in turn.words]
        known = [word.probability for word in words if word.probability is not None]
        if len(known) >= _FEW_WORDS:
            means.append(sum(known) / len(known))
    return min(means, default=None)


def _same_language(one: str, other: str) -> bool:
    return one.lower().split("-")[0] == other.lower().split("-")[0]


def _who(said: tuple[Said, ...], index: int) -> str:
    return next(each.turn.speaker for each in said if each.turn.index == index)
