"""Listens: the customer is let finish, and understood before a fix."""

from __future__ import annotations

from rubric.balance import Balance, Reasons
from rubric.case import Case, Judged, following
from rubric.observed import PASSED
from rubric.tables import Count, counted
from rubric.types import Occasion


class Listens(Balance, frozen=True, tag_field="kind", tag="listens"):
    """Does the agent let the customer finish, and understand before fixing?

    explains_turns   with no problem stated and fewer customer turns than this there is nothing to listen to
    """

    reasons = Reasons(
        met="The agent took in what the customer said",
        partly="The agent listened only in part",
        missed="The agent hardly listened",
        lacks="The agent never showed that they had taken in what the customer said",
    )

    explains_turns: Count = 3

    def called_for(self) -> str:
        """Where there is something to listen to, and how cutting in counts."""
        return (
            f"Where the customer states a problem, or has {counted(self.explains_turns, 'turn')} or more. Cutting in "
            f"counts but for one time in {PASSED} customer turns, and twice while they vent; in writing nobody cuts in."
        )

    def judge(self, case: Case) -> Judged:
        """By who cut in, and by what shows that the customer was taken in."""
        problems = case.of("problem")
        turns = len(case.turns_of("customer"))
        if turns == 0 or (not problems and turns < self.explains_turns):
            return Judged("not_applicable", "The customer explained nothing that there was to listen to.")
        if case.interruptions.unknown and not case.written:
            return Judged("not_scorable", f"{case.interruptions.unknown[:1].upper()}{case.interruptions.unknown[1:]}.")
        taken_in = case.of("paraphrase", "clarifying_question")
        shown = tuple(Occasion("problem", act.evidence, following(taken_in, act.evidence.turn)) for act in problems[:3])
        judged = self.answer(case, shown)
        if case.transcript.times_from == "turns" and not case.written:
            return judged._replace(reason=f"{judged.reason} Who cut in is told by the times of turns.")
        return judged
