"""Validates: feelings and trouble are acknowledged, with feeling with and not sorry for."""

from __future__ import annotations

from rubric.balance import Balance, Reasons
from rubric.case import Case, Judged, moments


class Validates(Balance, frozen=True, tag_field="kind", tag="validates"):
    """Are the feelings and the trouble that the customer shows acknowledged, soon?"""

    reasons = Reasons(
        met="The agent acknowledged what the customer felt or went through",
        partly="The agent acknowledged what the customer felt or went through only in part",
        missed="The customer showed trouble, and the agent hardly acknowledged it",
        lacks="The agent helped, but named neither feeling nor trouble",
    )

    def called_for(self) -> str:
        """Where there is something to acknowledge."""
        return "Where the customer shows negative emotion or struggle, or is acknowledged anyway."

    def judge(self, case: Case) -> Judged:
        """By what acknowledges, against what brushes aside and what is left unanswered."""
        called, found = case.of("negative_emotion", "struggle"), case.of("validation")
        if not called and not found:
            return Judged("not_applicable", "The customer showed neither strong feeling nor trouble of their own.")
        return self.answer(case, moments(case, called, found, self.within_turns))
