"""Closes well: who does what by when is clear, and the outcome is checked."""

from __future__ import annotations

from rubric.balance import Balance, Reasons
from rubric.case import Case, Judged


class ClosesWell(Balance, frozen=True, tag_field="kind", tag="closes_well"):
    """Are next steps clear, and is the outcome checked?"""

    reasons = Reasons(
        met="It was clear what happens next, or that it was settled",
        partly="What happens next was left vague, or was hardly checked",
        missed="Nothing clear was said of what happens next, and nobody checked",
        lacks="The agent helped, but said nothing clear of what happens next",
    )

    def called_for(self) -> str:
        """Wherever a conversation is closed."""
        return "Always, unless the conversation breaks off."

    def judge(self, case: Case) -> Judged:
        """By promises, steps and how the customer leaves."""
        if case.breaks_off:
            return Judged("not_applicable", "The conversation breaks off before it is closed.")
        return self.answer(case)
