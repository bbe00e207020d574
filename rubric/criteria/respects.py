"""Respects: no rudeness, impatience, sarcasm, blame, indifference, and no policy put as a wall."""

from __future__ import annotations

from rubric.case import Case, Judged, one_a_turn, proof, times
from rubric.tables import Count, Table
from rubric.types import Verdict


class Respects(Table, frozen=True, tag_field="kind", tag="respects"):
    """Is the agent free of rudeness, impatience, blame and indifference?

    missed_count   from so many dismissive turns on it is missed; fewer are partly
    """

    missed_count: Count = 2

    def judge(self, case: Case) -> Judged:
        """Every conversation is an occasion."""
        waved = one_a_turn(case.of("dismissive"))
        if not waved:
            return Judged("met", "Nothing the agent said was rude, impatient, blaming or indifferent.")
        verdict: Verdict = "missed" if len(waved) >= self.missed_count else "partly"
        return Judged(verdict, f"The agent was dismissive {times(len(waved))}.", proof(waved))
