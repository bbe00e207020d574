"""Listens: the customer is let finish, and understood before a fix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rubric.case import WORSE, Case, Judged, following, proof, times
from rubric.tables import Count, InWords, Rate, Table, Wrong, counted, not_over
from rubric.types import Act, Evidence, Occasion


class Listens(Table, frozen=True, tag_field="kind", tag="listens"):
    """Does the agent let the customer finish, and understand before fixing?

    partly_count, partly_rate   so many interruptions, and so many per customer turn, and it is partly at best
    missed_count, missed_rate   the same for missed
    venting_weight              an interruption of a customer who vents counts so many times
    explains_turns              with no problem stated and fewer customer turns than this there is nothing to listen to
    fix_problems                from so many turns that state a problem on, the agent must show understanding
    shows                       where nothing was put back, at least so many questions to understand
    waved_off                   so many dismissive turns with nothing put back, and it is missed
    """

    partly_count: Rate = 2
    partly_rate: Rate = 0.1
    missed_count: Rate = 3
    missed_rate: Rate = 0.15
    venting_weight: Rate = 2.0
    explains_turns: Count = 3
    fix_problems: Count = 2
    shows: Count = 3
    waved_off: Count = 2

    def wrong(self) -> Iterator[Wrong]:
        """What is partly from a higher count on than what is missed."""
        yield from not_over(self, "partly_count", "missed_count")
        yield from not_over(self, "partly_rate", "missed_rate")

    def in_words(self) -> InWords:
        """Who cuts in, and whether the problem is taken in; of what is written only the second."""
        lowest = f"{self.missed_count:g} interruptions and {self.missed_rate:g} a customer turn"
        low = f"{self.partly_count:g} interruptions and {self.partly_rate:g} a customer turn"
        return InWords(
            f"Where the customer states a problem, or has {counted(self.explains_turns, 'turn')} or more.",
            f"The customer is let finish; and a problem that {counted(self.fix_problems, 'turn')} or more state is put "
            f"back, or asked about in {counted(self.shows, 'turn')}.",
            f"{low} or more (of a customer who vents one counts {self.venting_weight:g} times); or the problem is "
            "neither put back nor asked about as often.",
            f"{lowest} or more; or {counted(self.waved_off, 'dismissive turn')}, and the problem is not put back.",
        )

    def judge(self, case: Case) -> Judged:
        """The worse of two: who cut in, and whether the problem was taken in. What is written has only the second."""
        problems = case.of("problem")
        turns = len(case.turns_of("customer"))
        if turns == 0 or (not problems and turns < self.explains_turns):
            return Judged("not_applicable", "The customer explained nothing that there was to listen to.")
        if case.interruptions.unknown and not case.written:
            return Judged("not_scorable", f"{case.interruptions.unknown[:1].upper()}{case.interruptions.unknown[1:]}.")
        cut = _cut_in(self, case)
        understood = _understands(self, case, problems)
        worse = max((cut, understood), key=lambda judged: WORSE.index(judged.verdict))
        if worse.verdict != "met":
            return worse
        if case.written:
            reason = "The agent took in what the customer wrote before going on to a fix."
            return Judged("met", reason, understood.evidence)
        by_turns = " (by the times of turns)" if case.transcript.times_from == "turns" else ""
        extra = f", cutting in only {times(len(cut.evidence))}" if cut.evidence else ""
        return Judged("met", f"The agent let the customer finish{extra}{by_turns}.", cut.evidence)


def _cut_in(check: Listens, case: Case) -> Judged:
    mine = [each for each in case.interruptions.found if each.by == "agent"]
    turns = max(len(case.turns_of("customer")), 1)
    weighed = sum(check.venting_weight if each.venting else 1.0 for each in mine)
    rate = weighed / turns
    shown = tuple(_words(case, each.turn, each.rule) for each in mine)
    venting = sum(each.venting for each in mine)
    how = f"The agent cut in on the customer {times(len(mine))} in {turns} turns"
    how += f", {times(venting)} while they were venting." if venting else "."
    if weighed >= check.missed_count and rate >= check.missed_rate:
        return Judged("missed", how, shown)
    if weighed >= check.partly_count and rate >= check.partly_rate:
        return Judged("partly", how, shown)
    return Judged("met", "The agent let the customer finish.", shown)


def _understands(check: Listens, case: Case, problems: Sequence[Act]) -> Judged:
    """Whether the agent took the problem in before the fix: put it back, or asked about it."""
    if len(problems) < check.fix_problems:
        return Judged("met", "There was little to understand.")
    restated = case.of("paraphrase")
    asked = case.of("clarifying_question")
    moments = tuple(
        Occasion("problem", act.evidence, following(restated + asked, act.evidence.turn)) for act in problems[:3]
    )
    waved = case.of("dismissive")
    if len(waved) >= check.waved_off and not restated:
        reason = "The agent brushed off what the customer said and never put it back to check it."
        return Judged("missed", reason, proof(waved), moments)
    if not restated and len(asked) < check.shows:
        return Judged("partly", "The agent went for a fix without showing that they had understood.", (), moments)
    return Judged("met", "The agent showed that they had understood.", proof(restated or asked), moments)


def _words(case: Case, index: int, rule: str) -> Evidence:
    turn = next(each.turn for each in case.said if each.turn.index == index)
    words = turn.text.split()[:12]
    return Evidence(index, (0, len(words)), " ".join(words), f"interruption.{rule}", turn.start_s, turn.end_s)
