"""Respects: no rudeness, impatience, sarcasm, blame, indifference, and no policy put as a wall."""

from __future__ import annotations

from rubric.balance import Balance, Reasons
from rubric.case import Case, Judged
from rubric.tables import InWords

_REASONS = Reasons(
    met="Little or nothing that the agent said was rude, impatient, blaming or indifferent",
    partly="The agent was dismissive, or left the customer's trouble without a word",
    missed="The agent was dismissive again and again",
    lacks="",
)


class Respects(Balance, frozen=True, tag_field="kind", tag="respects"):
    """Is the agent free of rudeness, impatience, blame and indifference?"""

    def in_words(self) -> InWords:
        """What counts against it, and what makes good."""
        return self.table_in_words("Always.")

    def judge(self, case: Case) -> Judged:
        """Every conversation is an occasion."""
        return self.answer(case, _REASONS)
