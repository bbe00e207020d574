"""Offers alternatives: a no comes with another way."""

from __future__ import annotations

from rubric.case import Case, Judged, moments, preceding, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Occasion


class OffersAlternatives(Table, frozen=True, tag_field="kind", tag="offers_alternatives"):
    """When the wish cannot be met as asked, are other ways offered?

    within_turns   an offer answers a no up to so many agent turns after it (or before)
    end_turns      a customer upset in their last so many turns, the first apart, leaves with their wish unmet, whether
                   or not it was said
    waved_off      so many dismissive turns say no too, and with them it is partly at best
    """

    within_turns: Count = 4
    end_turns: Count = 3
    waved_off: Count = 2

    def in_words(self) -> InWords:
        """What a no must come with."""
        waved = counted(self.waved_off, "dismissive turn")
        return InWords(
            f"Where the agent refuses something, in {waved} too, or the customer is upset in their last "
            f"{counted(self.end_turns, 'turn')}; where another way is offered; within "
            f"{counted(self.within_turns, 'turn')} of the no it counts as its answer.",
            "Another way is offered.",
            f"It is, with {waved}; or it is not, but the agent takes it on, does more or promises to come back.",
            "Neither.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by another way; a no that is at least stayed with is partly."""
        found, waved = case.of("alternatives"), case.of("dismissive")
        end = case.last_turns(self.end_turns)
        upset = [act for act in case.of("negative_emotion", "unresolved") if act.evidence.turn in end]
        noes = case.of("refusal") or (waved if len(waved) >= self.waved_off else upset[:1])
        if not noes and not found:
            return Judged("not_applicable", "The wish was met as asked, so no other way was called for.")
        shown = tuple(
            Occasion(each.kind, each.evidence, each.answered_by or preceding(found, each.evidence.turn))
            for each in moments(case, noes, found, self.within_turns)
        )
        cold = len(waved) >= self.waved_off
        if found and cold:
            return Judged("partly", "The agent named another way, but brushed the customer off.", proof(found), shown)
        if found:
            return Judged("met", "The agent offered another way.", proof(found), shown)
        stayed = case.of("ownership", "extra_mile", "follow_up")
        if stayed and not cold:
            reason = "The agent stayed with the matter, but put no other way to the customer."
            return Judged("partly", reason, proof(stayed), shown)
        if not case.of("refusal"):
            reason = "The customer's wish was left unmet, and no other way was offered."
            return Judged("missed", reason, (), shown)
        return Judged("missed", "The agent said no and offered no other way.", (), shown)
