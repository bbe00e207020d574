"""Respects: no rudeness, impatience, sarcasm, blame, indifference, and no policy put as a wall."""

from __future__ import annotations

from rubric.case import Case, Judged, one_a_turn, proof, times
from rubric.tables import Count, InWords, Share, Table, counted
from rubric.types import Verdict


class Respects(Table, frozen=True, tag_field="kind", tag="respects"):
    """Is the agent free of rudeness, impatience, blame and indifference?

    missed_count   from so many dismissive turns on it is missed, if they are also ...
    missed_rate    ... this share of the agent's turns; fewer are partly
    """

    missed_count: Count = 2
    missed_rate: Share = 0.15

    def in_words(self) -> InWords:
        """How many dismissive turns are too many."""
        return InWords(
            "Always.",
            "No turn of the agent's is dismissive.",
            "Fewer than that.",
            f"{counted(self.missed_count, 'dismissive turn')} or more, and {100 * self.missed_rate:g} % of all.",
        )

    def judge(self, case: Case) -> Judged:
        """Every conversation is an occasion."""
        waved, turns = one_a_turn(case.of("dismissive")), len(case.turns_of("agent"))
        if not waved:
            return Judged("met", "Nothing the agent said was rude, impatient, blaming or indifferent.")
        much = len(waved) >= self.missed_count and len(waved) >= self.missed_rate * turns
        verdict: Verdict = "missed" if much else "partly"
        return Judged(verdict, f"The agent was dismissive {times(len(waved))} in {turns} turns.", proof(waved))
