"""Respects: no rudeness, impatience, sarcasm, blame, indifference, and no policy put as a wall."""

from __future__ import annotations

from rubric.balance import Balance, Reasons


class Respects(Balance, frozen=True, tag_field="kind", tag="respects"):
    """Is the agent free of rudeness, impatience, blame and indifference?"""

    reasons = Reasons(
        met="Little or nothing that the agent said was rude, impatient, blaming or indifferent",
        partly="The agent was dismissive, or left the customer's trouble without a word",
        missed="Much of what the agent said was rude, impatient, blaming or indifferent",
        lacks="The agent was not rude, but did nothing of what respect is made of here",
    )
