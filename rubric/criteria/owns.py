"""Owns: the problem is taken on, and the customer has somebody on their side."""

from __future__ import annotations

from rubric.case import Case, Judged, following, one_a_turn, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Occasion


class Owns(Table, frozen=True, tag_field="kind", tag="owns"):
    """Does the agent take the problem on and show that they are on the customer's side?

    simple_problems   with fewer turns that state a problem, and no feeling or trouble shown, it is a mere transaction
    met_count         so many turns that do more than asked, and it is met without a promise of one's own
    waved_off         so many dismissive turns, and more than turns of ownership, and it is missed
    """

    simple_problems: Count = 2
    met_count: Count = 3
    waved_off: Count = 2

    def in_words(self) -> InWords:
        """What counts as taking it on."""
        return InWords(
            "Where the customer shows negative emotion or struggle, or states a problem in "
            f"{counted(self.simple_problems, 'turn')}, and where it is taken on anyway.",
            "The agent takes it on or promises to come back; or apologises, acknowledges or does more than asked in "
            f"{counted(self.met_count, 'turn')}.",
            "These are fewer, and no turn is dismissive.",
            f"Nothing of that; or {counted(self.waved_off, 'dismissive turn')}, and as many as take it on.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by taking it on or by a promise to come back; kindness without either is partly."""
        problems = one_a_turn(case.of("problem", "negative_emotion", "struggle"))
        taken = case.of("ownership", "follow_up")
        kind = one_a_turn(case.of("extra_mile", "apology", "validation"))
        upset = case.of("negative_emotion", "struggle")
        if not taken and not upset and len(problems) < self.simple_problems:
            return Judged("not_applicable", "It was a simple transaction, with no problem to take on.")
        shown = tuple(Occasion(act.label, act.evidence, following(taken, act.evidence.turn)) for act in problems[:1])
        waved = case.of("dismissive")
        if len(waved) >= self.waved_off and len(waved) >= len(taken):
            return Judged("missed", "The agent kept the problem at arm's length.", proof(waved), shown)
        if taken:
            return Judged("met", "The agent took the problem on as their own.", proof(taken), shown)
        if len(kind) >= self.met_count:
            reason = "The agent did more than was asked, though they never said that it was theirs."
            return Judged("met", reason, proof(kind), shown)
        if kind and not waved:
            reason = "The agent was kind about the problem, but did not take it on as their own."
            return Judged("partly", reason, proof(kind), shown)
        return Judged("missed", "The agent never took the problem on as their own.", proof(waved), shown)
