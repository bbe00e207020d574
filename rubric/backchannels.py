"""Which turns only listen.

Of the small words that people put between another's, some say no more than "go on": "mm-hmm", "uh-huh", "yeah",
"right". Others answer what was said: "okay" and "I see" take a point as made, "oh" and "wow" as news, "exactly" agrees,
and "um" makes ready to speak. None of them bids for the floor, so none of them cuts anybody off (`makes_no_bid`); but
only the first, and only while the other talks on, is a backchannel in the strict sense (`listens`).
"""

from __future__ import annotations

import re

from rubric import language
from rubric.wordlists import words
from transcription.backchannels import acknowledges
from transcription.types import Interval, Transcript, Turn

# Hyphens left out. A sound hands the floor back wherever it stands; a word at the end of a sentence agrees with it.
_SOUNDS = words("listening_sounds")
_WORDS = frozenset({"yeah", "yep", "yup", "yah", "ya", "right"})
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_OKAY = re.compile(r"\bo[._]k\b", re.IGNORECASE)
_MOST_WORDS = 3
_HANDOVER_S = 0.05  # times of turns are no finer: a smaller overlap is none


def makes_no_bid(transcript: Transcript, turn: Turn, *, max_words: int, max_s: float) -> bool:
    """Only acknowledgements, or a sound too short to be a bid for the floor; a mark on the turn is not asked."""
    start_s, end_s = turn.start_s or 0.0, turn.end_s or 0.0
    span = Interval(start_s, end_s)
    spoken_s = sum(interval.overlap_s(span) for interval in transcript.speech_of(turn.speaker))
    return spoken_s < max_s or acknowledges(_OKAY.sub("okay", turn.text), max_words=max_words)


def listens(transcript: Transcript, turn: Turn) -> bool:
    """Whether a turn says no more than "go on" while the other talks.

    With times: a sound that starts within the other's talk, or a word that lies inside it. Without: behind the other's
    words, if they asked nothing, for "yeah" behind a question is its answer, and "right" behind one's own words asks.
    """
    said = [word.lower().replace("-", "") for word in _WORD.findall(turn.text)]
    if not 1 <= len(said) <= _MOST_WORDS or not _SOUNDS.union(_WORDS).issuperset(said):
        return False
    if transcript.times_from == "none" or turn.start_s is None or turn.end_s is None:
        return _follows_the_other(transcript, turn, sound=_SOUNDS.issuperset(said))
    ends_s = turn.start_s + _HANDOVER_S if _SOUNDS.issuperset(said) else turn.end_s
    return any(
        speaker != turn.speaker and talk.start_s < turn.start_s and ends_s < talk.end_s
        for speaker in ("agent", "customer", "unknown")
        for talk in transcript.speech_of(speaker)
    )


def _follows_the_other(transcript: Transcript, turn: Turn, *, sound: bool) -> bool:
    """Whether the turn stands behind words of the other's that ask nothing; own acknowledgements between are passed."""
    for before in reversed(transcript.turns[: transcript.turns.index(turn)]):
        if before.speaker != turn.speaker:
            return not language.read(before.text).ends_asking
        if not sound and not acknowledges(_OKAY.sub("okay", before.text)):
            return False
    return sound
