"""Owns: the problem is taken on, and the customer has somebody on their side."""

from __future__ import annotations

from rubric.balance import Balance, Reasons
from rubric.case import Case, Judged, following, one_a_turn
from rubric.tables import Count, counted
from rubric.types import Occasion

_HELPS = ("ownership", "follow_up", "extra_mile", "validation")


class Owns(Balance, frozen=True, tag_field="kind", tag="owns"):
    """Does the agent take the problem on and show that they are on the customer's side?

    simple_problems   with fewer turns that state a problem, and no feeling or trouble shown, it is a mere transaction
    """

    reasons = Reasons(
        met="The agent took the problem on as their own",
        partly="The agent did something about it, but hardly made it their own",
        missed="The agent did not take the problem on as their own",
        lacks="The agent was with the customer, but took nothing on",
    )

    simple_problems: Count = 2

    def called_for(self) -> str:
        """Where there is something to take on."""
        return (
            "Where the customer shows negative emotion or struggle, or states a problem in "
            f"{counted(self.simple_problems, 'turn')}, or the agent takes something on anyway."
        )

    def judge(self, case: Case) -> Judged:
        """By what the agent does for the customer, against noes and brushing off."""
        problems = one_a_turn(case.of("problem", "negative_emotion", "struggle"))
        upset, helps = case.of("negative_emotion", "struggle"), case.of(*_HELPS)
        if not upset and len(problems) < self.simple_problems and not helps:
            return Judged("not_applicable", "It was a simple transaction, with no problem to take on.")
        shown = tuple(Occasion(act.label, act.evidence, following(helps, act.evidence.turn)) for act in problems[:1])
        return self.answer(case, shown)
