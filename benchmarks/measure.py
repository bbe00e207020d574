"""One call measured against its truth, and many calls added up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

import rubric
from benchmarks import statistics, timing, words
from benchmarks.truth import PARTIES, Party, Truth
from rubric.file import Rubric
from transcription.types import Transcript

SWAPPED = "channels_swapped"


class Measured(msgspec.Struct, frozen=True):
    """What one call shows. `word_errors` by who listened (`ours`, `plain`, `vad`); verdicts are (ours, truth).

    `flagged_as_left` says whether the channels are doubted when the agent is taken to be on the left.
    """

    name: str
    agent_channel: str
    flagged_as_left: bool
    word_errors: dict[str, words.Errors]
    edges: timing.Edges
    interruptions: dict[Party, timing.Found]
    strays: words.Strays
    percent: float | None
    percent_without_listens: float | None
    quality: str | None
    verdicts: dict[str, tuple[str, str]]
    language: str | None
    flags: tuple[str, ...]


def measure(
    name: str, truth: Truth, as_left: Transcript, judge: Rubric, baselines: dict[str, dict[str, str]]
) -> Measured:
    """One call. `as_left` takes the agent to be on the left; `baselines` are heard texts by way, then by speaker."""
    transcript = truth.settled(as_left)
    scorecard = rubric.score(transcript, judge, speakers_settled=True)
    unheard = rubric.score(transcript, without(judge, "listens"), speakers_settled=True)
    heard = {"ours": words.text_by_speaker(transcript), **baselines}
    return Measured(
        name=name,
        agent_channel=truth.agent_channel,
        flagged_as_left=SWAPPED in rubric.score(as_left, judge).flags,
        word_errors={way: words.call_errors(truth, texts) for way, texts in heard.items()},
        edges=timing.edges(truth, transcript),
        interruptions={by: timing.interruptions(truth, scorecard.interruptions.found, by) for by in PARTIES},
        strays=words.strays(truth, transcript),
        percent=scorecard.percent,
        percent_without_listens=unheard.percent,
        quality=truth.quality,
        verdicts={
            score.criterion: (score.verdict, truth.criteria[score.criterion])
            for score in scorecard.scores
            if truth.criteria and score.criterion in truth.criteria
        },
        language=transcript.language,
        flags=scorecard.flags,
    )


def without(judge: Rubric, criterion: str) -> Rubric:
    """The same rubric as if it had never asked that question."""
    return msgspec.structs.replace(judge, criteria=tuple(one for one in judge.criteria if one.id != criterion))


def totals(calls: Sequence[Measured]) -> dict[str, Any]:
    """All figures over `calls`, each with its n, as plain values for JSON. None where there is nothing to count."""
    known = [(call, call.quality) for call in calls if call.quality is not None]
    percent = statistics.spearman([(call.percent, quality) for call, quality in known])
    without = statistics.spearman([(call.percent_without_listens, quality) for call, quality in known])
    swapped = [call for call in calls if call.agent_channel == "right"]
    straight = [call for call in calls if call.agent_channel == "left"]
    ways = {way: None for call in calls for way in call.word_errors}
    criteria = {criterion: None for call in calls for criterion in call.verdicts}
    return {
        "calls": len(calls),
        "word_error_rate": {way: _word_errors(call.word_errors[way] for call in calls) for way in ways},
        "turns": _edges(sum((call.edges for call in calls), timing.Edges())),
        "interruptions": {by: _found(sum((call.interruptions[by] for call in calls), timing.Found())) for by in PARTIES}
        | {"both": _found(sum((call.interruptions[by] for call in calls for by in PARTIES), timing.Found()))},
        "words": _strays(sum((call.strays for call in calls), words.Strays())),
        "percent_and_quality": {
            "with_listens": msgspec.to_builtins(percent),
            "without_listens": msgspec.to_builtins(without),
        },
        "calls_without_percent": sum(call.percent is None for call in calls),
        "kappa": {
            criterion: msgspec.to_builtins(
                statistics.kappa([call.verdicts[criterion] for call in calls if criterion in call.verdicts])
            )
            for criterion in criteria
        },
        "channels_withheld": {
            "swapped": len(swapped),
            "swapped_flagged": sum(call.flagged_as_left for call in swapped),
            "straight": len(straight),
            "straight_flagged": sum(call.flagged_as_left for call in straight),
        },
    }


def _word_errors(errors: Iterable[words.Errors]) -> dict[str, Any]:
    each = list(errors)
    total = sum(each, words.Errors())
    worst = max((one.rate for one in each if one.rate is not None), default=None)
    return {"rate": total.rate, "errors": total.errors, "words": total.words, "worst_call": worst}


def _edges(edges: timing.Edges) -> dict[str, Any]:
    strangers = len(edges.missed_s) + len(edges.invented_s)
    return {
        "turns": edges.turns,
        "start_off_s": _spread(edges.start_off_s),
        "end_off_s": _spread(edges.end_off_s),
        "missed": len(edges.missed_s),
        "invented": len(edges.invented_s),
        "unmatched": strangers / edges.turns if edges.turns else None,
        "split": len(edges.split_s) / edges.turns if edges.turns else None,
        "split_turns": len(edges.split_s),
    }


def _spread(values: Sequence[float]) -> dict[str, Any]:
    if not values:
        return {"mean": None, "p95": None, "n": 0}
    return {"mean": float(np.mean(values)), "p95": float(np.percentile(values, 95)), "n": len(values)}


def _found(found: timing.Found) -> dict[str, Any]:
    return {
        "precision": found.precision,
        "recall": found.recall,
        "true": len(found.hits_s) + len(found.missed_s),
        "found": len(found.hits_s) + len(found.invented_s),
        "hits": len(found.hits_s),
        "ignored": len(found.ignored_s),
    }


def _strays(strays: words.Strays) -> dict[str, Any]:
    share = strays.in_silence / strays.words if strays.words else None
    return {"words": strays.words, "in_silence": strays.in_silence, "share": share, "on_hold_music": strays.on_hold}
