"""Each criterion: its occasions, its verdict, and a reason that an agent can read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rubric import file
from rubric.context import Said
from rubric.types import Act, Evidence, Interruptions, Occasion, Verdict
from transcription.types import Transcript


class Case(NamedTuple):
    """All that a criterion may look at."""

    transcript: Transcript
    said: tuple[Said, ...]
    acts: tuple[Act, ...]
    interruptions: Interruptions

    def of(self, *labels: str) -> list[Act]:
        """The acts with one of these labels, in order."""
        return [act for act in self.acts if act.label in labels]


class Judged(NamedTuple):
    """A verdict and what shows it."""

    verdict: Verdict
    reason: str
    evidence: tuple[Evidence, ...] = ()
    occasions: tuple[Occasion, ...] = ()


def judge(check: file.Check, case: Case) -> Judged:
    """The verdict of one check on one conversation."""
    match check:
        case file.Listens():
            return _listens(check, case)
        case file.Validates():
            return _validates(check, case)
        case file.Paraphrases():
            return _paraphrases(check, case)
        case file.OffersAlternatives():
            return _offers_alternatives(check, case)


def _listens(check: file.Listens, case: Case) -> Judged:
    if case.interruptions.unknown:
        return Judged("not_scorable", case.interruptions.unknown)
    mine = [each for each in case.interruptions.found if each.by == "agent"]
    turns = sum(said.turn.speaker == "customer" and not said.turn.backchannel for said in case.said)
    weighed = sum(check.venting_weight if each.venting else 1 for each in mine)
    rate = weighed / max(turns, 1)
    proof = tuple(_interrupting(case, each.turn, each.rule) for each in mine)
    if weighed >= check.missed_count or (mine and rate >= check.missed_rate):
        return Judged("missed", f"The agent cut in on the customer {_times(len(mine))}.", proof)
    if weighed >= check.partly_count and rate >= check.partly_rate:
        return Judged("partly", f"The agent cut in on the customer {_times(len(mine))}.", proof)
    return Judged("met", "The agent let the customer finish.", proof)


def _validates(check: file.Validates, case: Case) -> Judged:
    occasions = case.of("negative_emotion", "struggle")
    if not occasions:
        return Judged("not_applicable", "The customer showed no strong feeling or trouble.")
    found = case.of("validation")
    moments = tuple(Occasion(act.label, act.evidence, _next(found, act.evidence.turn)) for act in occasions)
    strong = [act for act in found]
    if strong:
        return Judged("met", "The agent acknowledged how the customer felt.", _proof(strong), moments)
    if found:
        return Judged("partly", "The agent used only a weak form of acknowledgement.", _proof(found), moments)
    return Judged("missed", "The customer showed trouble, and the agent did not acknowledge it.", (), moments)


def _paraphrases(check: file.Paraphrases, case: Case) -> Judged:
    problems = case.of("problem")
    if not problems:
        return Judged("not_applicable", "There was no problem to understand.")
    found = case.of("paraphrase")
    moments = tuple(Occasion("problem", act.evidence, _next(found, act.evidence.turn)) for act in problems[:1])
    if found:
        return Judged("met", "The agent put the problem back in their own words.", _proof(found), moments)
    return Judged("missed", "The agent never put the problem back to the customer.", (), moments)


def _offers_alternatives(check: file.OffersAlternatives, case: Case) -> Judged:
    refusals = case.of("refusal")
    found = case.of("alternatives")
    moments = tuple(Occasion("refusal", act.evidence, _next(found, act.evidence.turn)) for act in refusals)
    if found:
        return Judged("met", "The agent offered another way.", _proof(found), moments)
    if not refusals:
        return Judged("not_applicable", "The wish was met, so no other way was called for.")
    return Judged("missed", "The agent said no and offered no other way.", (), moments)


def _next(found: Iterable[Act], turn: int) -> Evidence | None:
    return next((act.evidence for act in found if act.evidence.turn >= turn), None)


def _proof(acts: Iterable[Act]) -> tuple[Evidence, ...]:
    return tuple(act.evidence for act in acts)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _interrupting(case: Case, index: int, rule: str) -> Evidence:
    turn = next(said.turn for said in case.said if said.turn.index == index)
    words = turn.text.split()[:12]
    return Evidence(index, (0, len(words)), " ".join(words), f"interruption.{rule}", turn.start_s, turn.end_s)
