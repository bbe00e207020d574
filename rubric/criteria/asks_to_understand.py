"""Asks to understand: questions about the problem, before the fix."""

from __future__ import annotations

from rubric.case import Case, Judged, following, one_a_turn, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Occasion


class AsksToUnderstand(Table, frozen=True, tag_field="kind", tag="asks_to_understand"):
    """Does the agent ask about the problem, and not only for data?

    simple_problems   with fewer turns that state a problem there is nothing to ask about
    within_turns      a question is in time within so many agent turns after the problem is first stated
    """

    simple_problems: Count = 2
    within_turns: Count = 4

    def in_words(self) -> InWords:
        """Where it is called for, and until when."""
        return InWords(
            f"Where {counted(self.simple_problems, 'turn')} or more state a problem, or one is asked about anyway.",
            f"A question about it within {counted(self.within_turns, 'agent turn')} from where it is first stated.",
            "A question about it, but later.",
            "No question about it.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by a question in time, partly by one that comes late."""
        problems, found = one_a_turn(case.of("problem")), case.of("clarifying_question")
        if not problems or (len(problems) < self.simple_problems and not found):
            return Judged("not_applicable", "There was no more to understand than a simple request.")
        stated = problems[0].evidence
        shown = (Occasion("problem", stated, following(found, stated.turn)),)
        if not found:
            return Judged("missed", "The agent asked nothing to understand the problem.", (), shown)
        soon = [turn for turn in case.turns_of("agent") if turn >= stated.turn][: self.within_turns]
        if found[0].evidence.turn > (soon[-1] if soon else stated.turn):
            reason = "The agent asked about the problem, but only late in the conversation."
            return Judged("partly", reason, proof(found), shown)
        return Judged("met", "The agent asked about the problem soon after it was told.", proof(found), shown)
