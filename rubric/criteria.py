"""Each criterion: its occasions, its verdict, and a reason that an agent can read.

Occasions come first: met, partly and missed are judged only where something called for the practice. What the verdict
rests on is in the evidence, what called for it in the occasions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rubric import file
from rubric.said import Said
from rubric.types import Act, Evidence, Interruptions, Occasion, Verdict
from transcription.types import Transcript

_WORSE: tuple[Verdict, ...] = ("met", "partly", "missed")


class Case(NamedTuple):
    """All that a criterion may look at."""

    transcript: Transcript
    said: tuple[Said, ...]
    acts: tuple[Act, ...]
    interruptions: Interruptions

    def of(self, *labels: str) -> list[Act]:
        """The acts with one of these labels, in order."""
        return [act for act in self.acts if act.label in labels]

    def turns_of(self, speaker: str) -> int:
        """How many turns the speaker has, backchannels apart."""
        return sum(each.turn.speaker == speaker and not each.turn.backchannel for each in self.said)


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
    problems = case.of("problem")
    if case.turns_of("customer") == 0 or (not problems and case.turns_of("customer") < check.explains_turns):
        return Judged("not_applicable", "The customer explained nothing that there was to listen to.")
    written = case.transcript.medium != "voice"
    if case.interruptions.unknown and not written:
        return Judged("not_scorable", f"{case.interruptions.unknown[:1].upper()}{case.interruptions.unknown[1:]}.")
    cut = _interrupts(check, case)
    understood = _understands(check, case, problems)
    worse = max((cut, understood), key=lambda judged: _WORSE.index(judged.verdict))
    if worse.verdict != "met":
        return worse
    if written:
        return Judged("met", "The agent took in what the customer wrote before going on to a fix.", understood.evidence)
    by_turns = " (by the times of turns)" if case.transcript.times_from == "turns" else ""
    extra = f", cutting in only {_times(len(cut.evidence))}" if cut.evidence else ""
    return Judged("met", f"The agent let the customer finish{extra}{by_turns}.", cut.evidence)


def _interrupts(check: file.Listens, case: Case) -> Judged:
    mine = [each for each in case.interruptions.found if each.by == "agent"]
    turns = max(case.turns_of("customer"), 1)
    weighed = sum(check.venting_weight if each.venting else 1.0 for each in mine)
    rate = weighed / turns
    proof = tuple(_interrupting(case, each.turn, each.rule) for each in mine)
    venting = sum(each.venting for each in mine)
    how = f"The agent cut in on the customer {_times(len(mine))} in {turns} turns"
    how += f", {_times(venting)} while they were venting." if venting else "."
    if weighed >= check.missed_count and rate >= check.missed_rate:
        return Judged("missed", how, proof)
    if weighed >= check.partly_count and rate >= check.partly_rate:
        return Judged("partly", how, proof)
    return Judged("met", "The agent let the customer finish.", proof)


def _understands(check: file.Listens, case: Case, problems: Sequence[Act]) -> Judged:
    """Whether the agent took the problem in before the fix: put it back, or asked about it."""
    if len(problems) < check.fix_problems:
        return Judged("met", "There was little to understand.")
    restated = case.of("paraphrase")
    asked = case.of("clarifying_question")
    moments = tuple(
        Occasion("problem", act.evidence, _next(restated + asked, act.evidence.turn)) for act in problems[:3]
    )
    waved = case.of("dismissive")
    if len(waved) >= check.waved_off and not restated:
        reason = "The agent brushed off what the customer said and never put it back to check it."
        return Judged("missed", reason, _proof(waved), moments)
    if not restated and len(asked) < check.shows:
        return Judged("partly", "The agent went for a fix without showing that they had understood.", (), moments)
    return Judged("met", "The agent showed that they had understood.", _proof(restated or asked), moments)


def _validates(check: file.Validates, case: Case) -> Judged:  # noqa: PLR0911 - a way out for each verdict
    called = case.of("negative_emotion", "struggle")
    if not called:
        return Judged("not_applicable", "The customer showed neither strong feeling nor trouble of their own.")
    found = _once(case.of("validation"))
    agent_turns = [each.turn.index for each in case.said if each.turn.speaker == "agent"]
    moments = tuple(
        Occasion(act.label, act.evidence, _within(found, act.evidence.turn, agent_turns, check.within_turns))
        for act in _one_a_turn(called)
    )
    answered = sum(moment.answered_by is not None for moment in moments)
    waved = case.of("dismissive")
    weak = _once(case.of("validation_weak"))
    if len(waved) >= check.waved_off and len(found) < len(waved):
        return Judged("missed", "The agent brushed the customer's trouble aside.", _proof(waved), moments)
    if found and (answered >= check.met_share * len(moments) or len(found) >= check.met_count):
        return Judged("met", "The agent acknowledged what the customer felt or went through.", _proof(found), moments)
    if found:
        reason = f"The agent acknowledged the customer's trouble {_times(len(found))}, in {len(moments)} moments."
        return Judged("partly", reason, _proof(found), moments)
    if weak:
        reason = "The agent used only a set phrase that names neither feeling nor trouble."
        return Judged("partly", reason, _proof(weak), moments)
    stood_by = case.of("ownership")
    if stood_by and len(waved) < check.waved_off:
        reason = "The agent named neither feeling nor trouble, but took the matter on as their own."
        return Judged("partly", reason, _proof(stood_by), moments)
    return Judged("missed", "The customer showed trouble, and the agent did not acknowledge it.", (), moments)


def _paraphrases(check: file.Paraphrases, case: Case) -> Judged:
    problems = case.of("problem")
    if not problems or (len(problems) < check.simple_problems and not case.of("paraphrase")):
        return Judged("not_applicable", "There was no more to understand than a simple request.")
    found = case.of("paraphrase")
    moments = tuple(Occasion("problem", act.evidence, _next(found, act.evidence.turn)) for act in problems[:3])
    waved = case.of("dismissive")
    right = [act for act in found if not _denied(case, act.evidence.turn)]
    if not found:
        return Judged("missed", "The agent never put the problem back to the customer.", (), moments)
    if not right:
        return Judged("partly", "The agent put the problem back, but got it wrong.", _proof(found), moments)
    if len(waved) >= check.waved_off:
        reason = "The agent put the problem back, and brushed it aside all the same."
        return Judged("partly", reason, _proof(found), moments)
    return Judged("met", "The agent put the problem back in their own words.", _proof(right), moments)


def _offers_alternatives(check: file.OffersAlternatives, case: Case) -> Judged:
    refusals = case.of("refusal")
    found = case.of("alternatives")
    agent_turns = [each.turn.index for each in case.said if each.turn.speaker == "agent"]
    moments = tuple(
        Occasion(
            "refusal", act.evidence,
            _within(found, act.evidence.turn, agent_turns, check.within_turns) or _before(found, act.evidence.turn),
        )
        for act in refusals
    )  # fmt: skip
    waved = case.of("dismissive")
    if not refusals and not found:
        return Judged("not_applicable", "The wish was met as asked, so no other way was called for.")
    if not found:
        helped = case.of("ownership", "extra_mile", "follow_up")
        near = [
            act
            for act in helped
            if any(0 <= act.evidence.turn - no.evidence.turn <= 2 * check.within_turns for no in refusals)
        ]
        if near and len(waved) < check.waved_off:
            reason = "The agent said no and stayed with it, but put no other way to the customer."
            return Judged("partly", reason, _proof(near), moments)
        return Judged("missed", "The agent said no and offered no other way.", (), moments)
    if len(waved) >= check.waved_off:
        reason = "The agent named another way, but brushed the customer off."
        return Judged("partly", reason, _proof(found), moments)
    return Judged("met", "The agent offered another way.", _proof(found), moments)


def _within(found: Iterable[Act], turn: int, agent_turns: Sequence[int], within: int) -> Evidence | None:
    """The first of the acts in the next `within` agent turns from `turn` on."""
    near = [each for each in agent_turns if each >= turn][:within]
    return next((act.evidence for act in found if act.evidence.turn in near), None)


def _before(found: Iterable[Act], turn: int) -> Evidence | None:
    return next((act.evidence for act in found if act.evidence.turn < turn), None)


def _next(found: Iterable[Act], turn: int) -> Evidence | None:
    return next((act.evidence for act in found if act.evidence.turn >= turn), None)


def _denied(case: Case, turn: int) -> bool:
    """Whether the customer's next turn begins with a no."""
    for each in case.said:
        if each.turn.index > turn and each.turn.speaker == "customer" and not each.turn.backchannel:
            return any(hit.rule.name == "talk.denies" and hit.start <= 1 for hit in each.hits)
    return False


def _once(acts: Iterable[Act]) -> list[Act]:
    """The same sentence of empathy earns once: acts without those whose words have been said before."""
    heard: set[str] = set()
    kept: list[Act] = []
    for act in acts:
        words = "".join(letter for letter in act.evidence.quote.lower() if letter.isalpha() or letter == " ")
        if words not in heard:
            heard.add(words)
            kept.append(act)
    return kept


def _one_a_turn(acts: Iterable[Act]) -> list[Act]:
    kept: dict[int, Act] = {}
    for act in acts:
        kept.setdefault(act.evidence.turn, act)
    return list(kept.values())


def _proof(acts: Iterable[Act]) -> tuple[Evidence, ...]:
    return tuple(act.evidence for act in acts)


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _interrupting(case: Case, index: int, rule: str) -> Evidence:
    turn = next(each.turn for each in case.said if each.turn.index == index)
    words = turn.text.split()[:12]
    return Evidence(index, (0, len(words)), " ".join(words), f"interruption.{rule}", turn.start_s, turn.end_s)
