"""Paraphrases: the problem is put back, so that the customer can confirm or correct it."""

from __future__ import annotations

from rubric.case import Case, Judged, following, proof, times
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Occasion


class Paraphrases(Table, frozen=True, tag_field="kind", tag="paraphrases"):
    """Does the agent check their understanding by putting it back?

    simple_problems   with fewer turns that state a problem there is nothing to put back
    every_turns       in a long conversation it is put back once in so many turns of the customer's, or it is partly
    waved_off         so many dismissive turns, and it is partly at best
    """

    simple_problems: Count = 2
    every_turns: Count = 20
    waved_off: Count = 3

    def in_words(self) -> InWords:
        """Where it is called for, and what spoils it."""
        return InWords(
            f"Where {counted(self.simple_problems, 'turn')} or more state a problem, or one is put back anyway.",
            "The problem is put back, and the customer does not answer with a no.",
            f"It is put back wrong; or less than once in {counted(self.every_turns, 'turn')} of the customer's; or "
            f"rightly, with {counted(self.waved_off, 'dismissive turn')}.",
            "It is never put back.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by a restatement that the customer does not deny."""
        problems, found = case.of("problem"), case.of("paraphrase")
        if not problems or (len(problems) < self.simple_problems and not found):
            return Judged("not_applicable", "There was no more to understand than a simple request.")
        shown = tuple(Occasion("problem", act.evidence, following(found, act.evidence.turn)) for act in problems[:3])
        right = [act for act in found if not _denied(case, act.evidence.turn)]
        if not found:
            return Judged("missed", "The agent never put the problem back to the customer.", (), shown)
        if not right:
            return Judged("partly", "The agent put the problem back, but got it wrong.", proof(found), shown)
        if len(case.of("dismissive")) >= self.waved_off:
            reason = "The agent put the problem back, and brushed it aside all the same."
            return Judged("partly", reason, proof(found), shown)
        turns = len(case.turns_of("customer"))
        if self.every_turns and len(right) < turns // self.every_turns:
            reason = f"The agent put the problem back {times(len(right))} in {turns} turns of the customer's."
            return Judged("partly", reason, proof(right), shown)
        return Judged("met", "The agent put the problem back in their own words.", proof(right), shown)


def _denied(case: Case, turn: int) -> bool:
    """Whether the customer's next turn begins with a no."""
    for each in case.said:
        if each.turn.index > turn and each.turn.speaker == "customer" and not each.turn.backchannel:
            return any(hit.rule.name == "talk.denies" and hit.start <= 1 for hit in each.hits)
    return False
