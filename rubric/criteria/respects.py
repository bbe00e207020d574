"""Respects: no rudeness, impatience, sarcasm, blame, indifference, and no policy put as a wall."""

from __future__ import annotations

from rubric.case import Case, Judged, one_a_turn, proof, times
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Verdict


class Respects(Table, frozen=True, tag_field="kind", tag="respects"):
    """Is the agent free of rudeness, impatience, blame and indifference?

    missed_count   from so many dismissive turns on it is missed; fewer are partly
    """

    missed_count: Count = 2

    def in_words(self) -> InWords:
        """How many dismissive turns are too many."""
        fewer = f"Fewer than {counted(self.missed_count, 'dismissive turn')}." if self.missed_count > 1 else ""
        return InWords(
            "Always.",
            "No turn of the agent's is dismissive.",
            fewer,
            f"{counted(self.missed_count, 'dismissive turn')} or more.",
        )

    def judge(self, case: Case) -> Judged:
        """Every conversation is an occasion."""
        waved = one_a_turn(case.of("dismissive"))
        if not waved:
            return Judged("met", "Nothing the agent said was rude, impatient, blaming or indifferent.")
        verdict: Verdict = "missed" if len(waved) >= self.missed_count else "partly"
        return Judged(verdict, f"The agent was dismissive {times(len(waved))}.", proof(waved))
