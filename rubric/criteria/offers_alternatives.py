"""Offers alternatives: a no comes with another way."""

from __future__ import annotations

from rubric.balance import Balance, Reasons
from rubric.case import Case, Judged, moments, preceding
from rubric.tables import Count, counted
from rubric.types import Occasion


class OffersAlternatives(Balance, frozen=True, tag_field="kind", tag="offers_alternatives"):
    """When the wish cannot be met as asked, are other ways offered?

    offer_turns   an offer answers a no up to so many agent turns after it (or before)
    cold_turns    so many dismissive turns say no too
    """

    reasons = Reasons(
        met="The agent offered another way",
        partly="Another way was hardly put to the customer, or came with a cold shoulder",
        missed="The customer's wish was left unmet, and no other way was offered that would make up for it",
        lacks="The agent stayed with the matter, but put no other way to the customer",
    )

    offer_turns: Count = 4
    cold_turns: Count = 2

    def called_for(self) -> str:
        """Where the wish was not met as asked."""
        return (
            f"Where the agent refuses something, in {counted(self.cold_turns, 'dismissive turn')} too, or the customer "
            f"is upset in their last {counted(self.end_turns, 'turn')}; or where another way is offered, "
            f"which answers a no within {counted(self.offer_turns, 'agent turn')}."
        )

    def judge(self, case: Case) -> Judged:
        """By other ways and other help, against noes and a customer who leaves upset."""
        found, cold = case.of("alternatives"), case.of("dismissive")
        end = case.last_turns(self.end_turns)
        upset = [act for act in case.of("negative_emotion", "unresolved") if act.evidence.turn in end]
        noes = case.of("refusal") or (cold if len(cold) >= self.cold_turns else upset[:1])
        if not noes and not found:
            return Judged("not_applicable", "The wish was met as asked, so no other way was called for.")
        shown = tuple(
            Occasion(each.kind, each.evidence, each.answered_by or preceding(found, each.evidence.turn))
            for each in moments(case, noes, found, self.offer_turns)
        )
        return self.answer(case, shown)
