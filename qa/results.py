"""Scored calls as JSON for scripts: the line of `qa score --json`, and the whole of `qa show --json`."""

from __future__ import annotations

from typing import Any

import msgspec

from qa.store.types import StoredCall
from rubric.types import Interruptions, Scorecard
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
