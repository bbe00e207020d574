"""Notices struggle: polite customers in trouble are answered too, not only the loud ones."""

from __future__ import annotations

from rubric.case import Case, Judged, answered, moments, proof
from rubric.tables import Count, InWords, Share, Table, counted, share_of
from rubric.types import Occasion

_ANSWERS = ("validation", "apology", "ownership", "extra_mile")


class NoticesStruggle(Table, frozen=True, tag_field="kind", tag="notices_struggle"):
    """When a customer shows, without complaint, that they struggle or have a hard time, does the agent answer to it?

    within_turns   an answer counts up to so many agent turns after the moment
    met_share      share of the moments that must be answered for met
    """

    within_turns: Count = 2
    met_share: Share = 0.5

    def in_words(self) -> InWords:
        """What counts as an answer, and how often."""
        return InWords(
            "At a turn that shows struggle without negative emotion, or hardship.",
            f"It is acknowledged, apologised for or taken on (struggle also put back or asked about, hardship also met "
            f"with another way), in {share_of(self.met_share, 'these moments')}, within "
            f"{counted(self.within_turns, 'agent turn')}.",
            "In fewer, or there is only a set phrase.",
            "In none.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by an acknowledgement, an apology, taking it on or asking about it, soon after."""
        shown = tuple(sorted((*self._struggles(case), *self._hardships(case)), key=lambda each: each.evidence.turn))
        if not shown:
            return Judged("not_applicable", "The customer showed no trouble that could have been overheard.")
        count = answered(shown)
        near = tuple(dict.fromkeys(each.answered_by for each in shown if each.answered_by))
        if count and count >= self.met_share * len(shown):
            return Judged("met", "The agent noticed that the customer was struggling, and answered to it.", near, shown)
        weak = proof(case.of("validation_weak"))
        if count or weak:
            reason = f"The customer struggled in {len(shown)} moments, and the agent answered to {count or 'none'}"
            reason += "." if count else ", but for a set phrase."
            return Judged("partly", reason, near or weak, shown)
        return Judged("missed", "The customer was struggling, and the agent passed over it.", (), shown)

    def _struggles(self, case: Case) -> tuple[Occasion, ...]:
        """Turns that show struggle without feeling, each with what answers it: asking and putting back do too."""
        loud = {act.evidence.turn for act in case.of("negative_emotion")}
        quiet = [act for act in case.of("struggle") if act.evidence.turn not in loud]
        return moments(case, quiet, case.of(*_ANSWERS, "paraphrase", "clarifying_question"), self.within_turns)

    def _hardships(self, case: Case) -> tuple[Occasion, ...]:
        """Turns that tell of hard times; what is put back or asked there is mostly the business at hand."""
        return moments(case, case.of("hardship"), case.of(*_ANSWERS, "alternatives"), self.within_turns)
