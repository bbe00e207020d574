"""Who cut in on whom (minimal; timing of turns alone)."""

from rubric.thresholds import InterruptionThresholds
from rubric.types import Interruption, Interruptions
from transcription.types import Transcript


def find(transcript: Transcript, thresholds: InterruptionThresholds) -> Interruptions:
    """Interruptions by both sides, or why they cannot be known."""
    if transcript.times_from not in ("speech", "turns"):
        return Interruptions(unknown="the transcript has no times of speech, so overlap cannot be measured")
    found: list[Interruption] = []
    turns = [turn for turn in transcript.turns if turn.start_s is not None and turn.end_s is not None]
    for a, b in zip(turns, turns[1:], strict=False):
        assert a.end_s is not None and b.start_s is not None and b.end_s is not None
        overlap = min(a.end_s, b.end_s) - b.start_s
        if a.speaker == b.speaker or b.backchannel or overlap < thresholds.min_overlap_s:
            continue
        found.append(
            Interruption(
                b.speaker, b.index, a.index, b.start_s, b.start_s + overlap, overlap, overlap >= thresholds.severe_s,
                venting=False, rule="overlap",
            )
        )
    return Interruptions(found=tuple(found))
