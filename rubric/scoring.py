"""A transcript and a rubric in, a scorecard out: the doubts first, then each criterion, then the arithmetic."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version

import msgspec

from rubric import acts, cues, doubts, interruptions, measures
from rubric.balance import Balance
from rubric.case import Case, Judged
from rubric.criteria.listens import Listens
from rubric.file import Criterion, Rubric
from rubric.said import Said
from rubric.types import Act, Interruptions, RubricRef, Score, Scorecard
from transcription import fingerprint
from transcription.types import Transcript

# What of the transcription package the detectors share.
_SHARED = ("backchannels.py", "sentences.py")

_SHARE = {"met": 1.0, "partly": 0.5, "missed": 0.0}


@cache
def scorer_version() -> str:
    """What else can change a score beside the rubric: a hash of the cues, weights, detection code and nltk."""
    parts = (
        cues.fingerprint(),
        fingerprint.of_code("rubric"),
        fingerprint.of_code("transcription", only=_SHARED),
        version("nltk"),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def score(transcript: Transcript, rubric: Rubric, *, speakers_settled: bool = False) -> Scorecard:
    """Judge a transcript. `speakers_settled` says that somebody has told which channel is the agent's."""
    said = acts.read(transcript)
    found = acts.judge(transcript, said)
    case = case_of(transcript, said, found, rubric)
    barred = doubts.examine(transcript, said, rubric, speakers_settled=speakers_settled)
    if barred.reason:  # what cannot be judged is not counted either: who cut in is as doubtful as what was said
        every = case.interruptions.found + case.interruptions.candidates
        case = case._replace(interruptions=Interruptions(candidates=every, unknown=barred.reason))
    scores = tuple(_score(each, case, rubric, barred.reason) for each in rubric.criteria)
    percent, coverage, why = arithmetic(scores, rubric.coverage_floor)
    return Scorecard(
        percent=percent,
        coverage=coverage,
        scores=scores,
        interruptions=case.interruptions,
        acts=found,
        flags=barred.flags,
        reasons=((barred.reason,) if barred.reason else ()) + why,
        rubric=RubricRef(rubric.id, rubric.version),
        scorer=scorer_version(),
        model=transcript.engine.model if transcript.engine else None,
        measures=measures.of(case, barred.flags),
    )


def case_of(transcript: Transcript, said: tuple[Said, ...], found: tuple[Act, ...], rubric: Rubric) -> Case:
    """What criteria look at, of turns read and the acts found in them: with who cut in on whom, and who was venting."""
    upset = {act.evidence.turn for act in found if act.label == "negative_emotion"}
    return Case(transcript, said, found, interruptions.find(transcript, rubric.interruptions, upset=upset))


def _score(criterion: Criterion, case: Case, rubric: Rubric, barred: str | None) -> Score:
    judged = Judged("not_scorable", barred) if barred else criterion.check.judge(case._replace(criterion=criterion.id))
    share = _SHARE.get(judged.verdict)
    return Score(
        criterion=criterion.id,
        question=criterion.question,
        verdict=judged.verdict,
        points=None if share is None else share * criterion.max_points,
        max_points=criterion.max_points,
        reason=judged.reason,
        critical=criterion.critical,
        evidence=judged.evidence,
        occasions=judged.occasions,
        thresholds=_thresholds(criterion, rubric),
    )


def _thresholds(criterion: Criterion, rubric: Rubric) -> dict[str, float]:
    """The numbers that the verdict rests on: the check's own, and for listening those of interruptions."""
    tables: list[msgspec.Struct] = [criterion.check]
    if isinstance(criterion.check, Listens):
        tables.append(rubric.interruptions)
    steps = criterion.check.counts.items() if isinstance(criterion.check, Balance) else ()
    return {f"{name}[{at}]": step for name, each in steps for at, step in enumerate(each)} | {
        name: float(value)
        for table in tables
        for name, value in msgspec.structs.asdict(table).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def arithmetic(scores: Iterable[Score], coverage_floor: float) -> tuple[float | None, float | None, tuple[str, ...]]:
    """Percent, coverage and why there is no percent.

    percent = 100 x earned / possible over met, partly and missed; coverage = their possible points over those and
    the not_scorable ones; not_applicable stands in neither.
    """
    earned = possible = unknown = 0.0
    for each in scores:
        if each.points is not None:
            earned += each.points
            possible += each.max_points
        elif each.verdict == "not_scorable":
            unknown += each.max_points
    if possible + unknown == 0:
        return None, None, ("No percent: nothing in this conversation called for what the rubric asks.",)
    coverage = round(possible / (possible + unknown), 4)
    if coverage < coverage_floor or possible == 0:
        judged = f"only {coverage:.0%} of the points that applied could be judged"
        return None, coverage, (f"No percent: {judged}, and the rubric asks for {coverage_floor:.0%}.",)
    return round(100 * earned / possible, 2), coverage, ()


def scorecard_json(scorecard: Scorecard) -> bytes:
    """The scorecard's JSON: the same transcript, rubric and scorer give the same bytes."""
    return msgspec.json.encode(scorecard, order="deterministic")
