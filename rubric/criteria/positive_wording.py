"""Positive wording: what can be done is said before what cannot, and the customer is reassured."""

from __future__ import annotations

from collections.abc import Iterator

from rubric.case import Case, Judged, proof
from rubric.tables import Count, InWords, Share, Table, Wrong, counted, not_over, share_of
from rubric.types import Verdict


class PositiveWording(Table, frozen=True, tag_field="kind", tag="positive_wording"):
    """Is the agent's wording positive and reassuring?

    least_turns    fewer agent turns than this tell nothing of how somebody words things
    met_share      the share of positive among the positive and negative wordings from which it is met
    partly_share   the same for partly
    """

    least_turns: Count = 4
    met_share: Share = 0.6
    partly_share: Share = 0.3

    def wrong(self) -> Iterator[Wrong]:
        """Shares the wrong way round."""
        yield from not_over(self, "partly_share", "met_share")

    def in_words(self) -> InWords:
        """The shares of positive wording."""
        return InWords(
            f"From {counted(self.least_turns, 'agent turn')} on, and where anything is worded either way.",
            f"Positive is {share_of(self.met_share, 'what is worded either way')}.",
            f"Positive is {share_of(self.partly_share, 'it')}, or nothing is worded either way.",
            "Less is.",
        )

    def judge(self, case: Case) -> Judged:
        """By the share of positive wordings among all that are either."""
        good, bad = case.of("wording_positive"), case.of("wording_negative")
        if len(case.turns_of("agent")) < self.least_turns and not (good or bad):
            return Judged("not_applicable", "The agent said too little to tell how they word things.")
        if not (good or bad):
            return Judged("partly", "The agent's wording was neither positive nor negative.")
        how = f"Worded positively: {counted(len(good), 'turn')}; negatively: {counted(len(bad), 'turn')}."
        share = len(good) / (len(good) + len(bad))
        verdict: Verdict = "met" if share >= self.met_share else "partly" if share >= self.partly_share else "missed"
        return Judged(verdict, how, proof(sorted((*good, *bad), key=lambda act: act.evidence.turn)))
