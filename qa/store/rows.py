"""Transcripts and scorecards as rows of the tables, and back: what is read is equal to what was written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from qa.store import measures
from qa.store.types import KeptTranscript
from rubric.types import Act, Evidence, Interruption, Interruptions, Occasion, RubricRef, Score, Scorecard
from transcription.types import Doubt, Engine, Interval, Speaker, Transcript, Turn, Word

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]

EVIDENCE = "turn, word_from, word_to, quote, rule, start_s, end_s"
_EVIDENCE_NAMES = tuple(EVIDENCE.split(", "))


def of_transcript(call_id: str, transcript_id: int, kept: KeptTranscript, *, now: datetime) -> Rows:
    """The rows of a transcript, in the order of the tables' columns."""
    it = kept.transcript
    engine = it.engine
    return {
        "transcripts": [
            (
                transcript_id,
                call_id,
                kept.made_with,
                kept.agent_channel,
                it.duration_s,
                it.language,
                it.language_probability,
                it.speakers_from,
                it.times_from,
                it.medium,
                list(it.speech),
                engine and engine.name,
                engine and engine.model,
                engine and engine.model_sha256,
                engine and json.dumps(engine.settings),
                [msgspec.to_builtins(doubt) for doubt in it.doubts],
                now,
            )
        ],
        "turns": [
            (
                transcript_id,
                call_id,
                turn.index,
                turn.speaker,
                turn.start_s,
                turn.end_s,
                turn.text,
                turn.backchannel,
                turn.sent_at,
                [msgspec.structs.asdict(word) for word in turn.words],
            )
            for turn in it.turns
        ],
        "speech": [
            (transcript_id, call_id, speaker, stretch.start_s, stretch.end_s)
            for speaker, stretches in it.speech.items()
            for stretch in stretches
        ],
    }


TRANSCRIPT = """
    SELECT transcript_id, made_with, agent_channel, duration_s, language, language_probability, speakers_from,
        times_from, medium, measured, engine, model, model_sha256, settings, doubts
    FROM transcripts
"""
TURNS = """
    SELECT turn, speaker, start_s, end_s, text, words, backchannel, sent_at
    FROM turns WHERE transcript_id = ? ORDER BY turn
"""
SPEECH = "SELECT speaker, start_s, end_s FROM speech WHERE transcript_id = ? ORDER BY start_s, end_s"


def to_transcript(row: Row, turns: Iterable[Row], speech: Iterable[Row]) -> KeptTranscript:
    """A transcript from the rows of TRANSCRIPT, TURNS and SPEECH."""
    (
        transcript_id,
        made_with,
        agent_channel,
        duration_s,
        language,
        language_probability,
        speakers_from,
        times_from,
        medium,
        measured,
        engine,
        model,
        model_sha256,
        settings,
        doubts,
    ) = row
    heard: dict[Speaker, list[Interval]] = {speaker: [] for speaker in measured}
    for speaker, start_s, end_s in speech:
        heard[speaker].append(Interval(start_s, end_s))
    transcript = Transcript(
        turns=tuple(
            Turn(index, speaker, start_s, end_s, text, tuple(Word(**word) for word in words), backchannel, sent_at)
            for index, speaker, start_s, end_s, text, words, backchannel, sent_at in turns
        ),
        duration_s=duration_s,
        language=language,
        language_probability=language_probability,
        speakers_from=speakers_from,
        times_from=times_from,
        medium=medium,
        speech={speaker: tuple(stretches) for speaker, stretches in heard.items()},
        engine=None if engine is None else Engine(engine, model, model_sha256, json.loads(settings)),
        doubts=tuple(Doubt(**doubt) for doubt in doubts),
    )
    return KeptTranscript(
        transcript=transcript, made_with=made_with, agent_channel=agent_channel, transcript_id=transcript_id
    )


def of_scorecard(
    call_id: str,
    scorecard_id: int,
    transcript_id: int,
    card: Scorecard,
    *,
    known_by: Sequence[str | None],
    speakers_settled: bool,
    now: datetime,
) -> Rows:
    """The rows of a scorecard, in the order of the tables' columns."""
    owner = (scorecard_id, call_id)
    return {
        "scorecards": [
            (
                *owner,
                transcript_id,
                card.percent,
                card.coverage,
                list(card.flags),
                list(card.reasons),
                card.interruptions.unknown,
                speakers_settled,
                card.rubric.id,
                card.rubric.version,
                card.scorer,
                card.model,
                now,
            )
        ],
        "scores": [
            (
                *owner,
                place,
                it.criterion,
                it.question,
                it.verdict,
                it.points,
                it.max_points,
                it.reason,
                it.critical,
                json.dumps(it.thresholds),
            )
            for place, it in enumerate(card.scores)
        ],
        "evidence": [
            (*owner, it.criterion, place, *_evidence(evidence))
            for it in card.scores
            for place, evidence in enumerate(it.evidence)
        ],
        "occasions": [
            (*owner, it.criterion, place, occasion.kind, *_evidence(occasion.evidence), _answer(occasion.answered_by))
            for it in card.scores
            for place, occasion in enumerate(it.occasions)
        ],
        "acts": [
            (*owner, place, act.label, act.speaker, *_evidence(act.evidence), known)
            for place, (act, known) in enumerate(zip(card.acts, known_by, strict=True))
        ],
        "interruptions": _interruptions(owner, card.interruptions.found),
        "interruption_candidates": _interruptions(owner, card.interruptions.candidates),
        measures.TABLE.name: [(*owner, *measures.of(card.measures))] if card.measures else [],
    }


SCORECARD = """
    SELECT scorecard_id, percent, coverage, flags, reasons, interruptions_unknown, rubric, rubric_version, scorer, model
    FROM scorecards WHERE call_id = ?
"""
SCORES = """
    SELECT criterion, question, verdict, points, max_points, reason, critical, thresholds
    FROM scores WHERE scorecard_id = ? ORDER BY position
"""
PROOF = f"SELECT criterion, {EVIDENCE} FROM evidence WHERE scorecard_id = ? ORDER BY position"
OCCASIONS = f"SELECT criterion, kind, {EVIDENCE}, answered_by FROM occasions WHERE scorecard_id = ? ORDER BY position"
ACTS = f"SELECT label, speaker, {EVIDENCE} FROM acts WHERE scorecard_id = ? ORDER BY position"
INTERRUPTIONS, CANDIDATES = (
    "SELECT by_speaker, turn, of_turn, start_s, end_s, overlap_s, severe, venting, rule "
    f"FROM {table} WHERE scorecard_id = ? ORDER BY position"
    for table in ("interruptions", "interruption_candidates")
)


def to_scorecard(
    row: Row,
    *,
    scores: Iterable[Row],
    proof: Iterable[Row],
    occasions: Iterable[Row],
    acts: Iterable[Row],
    interruptions: Iterable[Row],
    candidates: Iterable[Row],
    measured: Iterable[Row],
) -> Scorecard:
    """A scorecard from the rows of the queries above."""
    _, percent, coverage, flags, reasons, unknown, rubric, rubric_version, scorer, model = row
    evidence: dict[str, list[Evidence]] = {}
    for criterion, *values in proof:
        evidence.setdefault(criterion, []).append(_to_evidence(values))
    moments: dict[str, list[Occasion]] = {}
    for criterion, kind, *values, answer in occasions:
        answered_by = None if answer is None else _to_evidence(answer[name] for name in _EVIDENCE_NAMES)
        moments.setdefault(criterion, []).append(Occasion(kind, _to_evidence(values), answered_by))
    return Scorecard(
        percent=percent,
        coverage=coverage,
        scores=tuple(
            Score(
                criterion,
                question,
                verdict,
                points,
                max_points,
                reason,
                critical,
                tuple(evidence.get(criterion, ())),
                tuple(moments.get(criterion, ())),
                json.loads(thresholds),
            )
            for criterion, question, verdict, points, max_points, reason, critical, thresholds in scores
        ),
        interruptions=Interruptions(
            tuple(Interruption(*line) for line in interruptions),
            tuple(Interruption(*line) for line in candidates),
            unknown,
        ),
        acts=tuple(Act(label, speaker, _to_evidence(values)) for label, speaker, *values in acts),
        flags=tuple(flags),
        reasons=tuple(reasons),
        rubric=RubricRef(rubric, rubric_version),
        scorer=scorer,
        model=model,
        measures=measures.to(measured),
    )


def _evidence(it: Evidence) -> Row:
    return (it.turn, it.words[0], it.words[1], it.quote, it.rule, it.start_s, it.end_s)


def _interruptions(owner: Row, found: Iterable[Interruption]) -> list[Row]:
    return [
        (
            *owner,
            place,
            it.by,
            it.turn,
            it.of_turn,
            it.start_s,
            it.end_s,
            it.overlap_s,
            it.severe,
            it.venting,
            it.rule,
        )
        for place, it in enumerate(found)
    ]


def _answer(it: Evidence | None) -> dict[str, Any] | None:
    return None if it is None else dict(zip(_EVIDENCE_NAMES, _evidence(it), strict=True))


def _to_evidence(values: Iterable[Any]) -> Evidence:
    turn, word_from, word_to, quote, rule, start_s, end_s = values
    return Evidence(turn, (word_from, word_to), quote, rule, start_s, end_s)
