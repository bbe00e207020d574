"""What became of files that were to be scored, and scored calls as JSON for scripts (`qa score`, `qa show`)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from qa.metadata import NAMES, Metadata
from qa.store.types import StoredCall
from rubric.types import Interruptions, Scorecard
from transcription.errors import Problem
from transcription.types import Speaker


class Outcome(msgspec.Struct, frozen=True):
    """What became of one file of a batch: its call, or why there is none.

    `known` says that it had been scored before, just so, and was found again. `notes` are what whoever scored it may
    not have meant: something said of a call that was said otherwise before, a recording that another team has too.
    """

    recording: str
    call: StoredCall | None = None
    error: str | None = None
    known: bool = False
    notes: tuple[str, ...] = ()


def failed(path: Path, error: Exception) -> Outcome:
    """The error in one line that names the file; what was not foreseen says what it is."""
    text = str(error) if isinstance(error, Problem) else f"unexpected {type(error).__name__}: {error}"
    text = " ".join(text.split())
    return Outcome(str(path), error=text if path.name in text else f"{path}: {text}")


def said_otherwise(before: Metadata, said: Metadata) -> tuple[str, ...]:
    """Notes of what is said of a call otherwise than it was before."""
    changed = [
        (name, old, new)
        for name in NAMES
        if name not in ("recording", "team")
        and None not in (old := getattr(before, name), new := getattr(said, name))
        and old != new
    ]
    return tuple(f"{name} changed from {old} to {new}" for name, old, new in changed)


def same_elsewhere(same: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Notes of a recording that is new to its team and known as calls (team, call id) of others."""
    return tuple(f"the same recording is stored for team {team} too, as call {call_id}" for team, call_id in same)


def other_rubric(before: Scorecard | None, rubric: str) -> tuple[str, ...]:
    """A note where a scorecard by another rubric is replaced; `rubric` is the id of the one that judges now."""
    if before is None or before.rubric.id == rubric:
        return ()
    return (f"was judged by rubric {before.rubric.id}, and is now by rubric {rubric}",)


def result_line(outcome: Outcome | StoredCall) -> dict[str, Any]:
    """The line that `qa score --json` prints for a call; what is not known is None, never 0."""
    if isinstance(outcome, StoredCall):
        outcome = Outcome(outcome.metadata.recording or outcome.call_id, outcome)
    call = outcome.call
    card = call.scorecard if call else None
    return {
        "call_id": call and call.call_id,
        "recording": outcome.recording,
        "percent": card and card.percent,
        "coverage": card and card.coverage,
        "criteria": {
            score.criterion: {"verdict": score.verdict, "points": score.points, "max_points": score.max_points}
            for score in (card.scores if card else ())
        },
        "interruptions": {
            "by_agent": _count(card, "agent"),
            "by_customer": _count(card, "customer"),
        },
        "rubric": card and f"{card.rubric.id}@{card.rubric.version}",
        "scorer": card and card.scorer,
        "model": card and card.model,
        "flags": list(card.flags) if card else [],
        "error": outcome.error,
    }


def whole(call: StoredCall) -> dict[str, Any]:
    """What `qa show CALL --json` prints; its `transcript` can be read back in and scored."""
    card = call.scorecard
    return {
        "call_id": call.call_id,
        "state": call.call.state,
        "error": call.call.error,
        **msgspec.to_builtins(call.metadata),
        "transcript": msgspec.to_builtins(call.transcript),
        "interruptions": card and _interruptions(card.interruptions),
        "scorecard": msgspec.to_builtins(card),
    }


def _count(card: Scorecard | None, speaker: Speaker) -> int | None:
    if card is None or card.interruptions.unknown is not None:
        return None
    return sum(found.by == speaker for found in card.interruptions.found)


def _interruptions(between: Interruptions) -> list[dict[str, Any]] | None:
    if between.unknown is not None:
        return None
    return [
        {
            "by": found.by,
            "start_s": found.start_s,
            "end_s": found.end_s,
            "overlap_s": found.overlap_s,
            "severe": found.severe,
        }
        for found in between.found
    ]
