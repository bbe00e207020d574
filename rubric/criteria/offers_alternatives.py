"""Offers alternatives: a no comes with another way."""

from __future__ import annotations

from rubric.case import Case, Judged, moments, preceding, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Occasion


class OffersAlternatives(Table, frozen=True, tag_field="kind", tag="offers_alternatives"):
    """When the wish cannot be met as asked, are other ways offered?

    within_turns   an offer answers a refusal up to so many agent turns after it (or before)
    waved_off      so many dismissive turns, and it is partly at best
    """

    within_turns: Count = 4
    waved_off: Count = 3

    def in_words(self) -> InWords:
        """What a no must come with."""
        return InWords(
            "Where the agent refuses something, and where another way is offered anyway.",
            "Another way is offered.",
            f"It is, with {counted(self.waved_off, 'dismissive turn')}; or it is not, but the agent takes the matter "
            f"on, does more or promises to come back within {counted(2 * self.within_turns, 'turn')}.",
            "Neither.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by another way; a no that is at least stayed with is partly."""
        refusals, found = case.of("refusal"), case.of("alternatives")
        if not refusals and not found:
            return Judged("not_applicable", "The wish was met as asked, so no other way was called for.")
        shown = tuple(
            Occasion(each.kind, each.evidence, each.answered_by or preceding(found, each.evidence.turn))
            for each in moments(case, refusals, found, self.within_turns)
        )
        waved = len(case.of("dismissive")) >= self.waved_off
        if found and waved:
            return Judged("partly", "The agent named another way, but brushed the customer off.", proof(found), shown)
        if found:
            return Judged("met", "The agent offered another way.", proof(found), shown)
        stayed = [
            act
            for act in case.of("ownership", "extra_mile", "follow_up")
            if any(0 <= act.evidence.turn - no.evidence.turn <= 2 * self.within_turns for no in refusals)
        ]
        if stayed and not waved:
            reason = "The agent said no and stayed with it, but put no other way to the customer."
            return Judged("partly", reason, proof(stayed), shown)
        return Judged("missed", "The agent said no and offered no other way.", (), shown)
