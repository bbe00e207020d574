"""Validates: feelings and trouble are acknowledged, with feeling with and not sorry for."""

from __future__ import annotations

from rubric.case import Case, Judged, answered, moments, once, proof, times
from rubric.tables import Count, InWords, Share, Table, counted, share_of


class Validates(Table, frozen=True, tag_field="kind", tag="validates"):
    """Are the feelings and the trouble that the customer shows acknowledged, and soon?

    within_turns   an acknowledgement counts up to so many agent turns after the moment
    met_share      share of the moments that must be acknowledged for met
    met_count      or so many different acknowledgements in the call
    waved_off      so many dismissive turns, and more than acknowledgements, and it is missed
    """

    within_turns: Count = 2
    met_share: Share = 0.3
    met_count: Count = 2
    waved_off: Count = 3

    def in_words(self) -> InWords:
        """The shares and counts of acknowledgements."""
        return InWords(
            "Where the customer shows negative emotion or struggle.",
            f"Feeling or trouble is named within {counted(self.within_turns, 'agent turn')} in "
            f"{share_of(self.met_share, 'these moments')}, or in {counted(self.met_count, 'different sentence')}.",
            "It is named less often; or there is only a set phrase that names neither; or the matter is only taken on.",
            f"Nothing of that; or {counted(self.waved_off, 'dismissive turn')}, and more than acknowledgements.",
        )

    def judge(self, case: Case) -> Judged:  # noqa: PLR0911 - a way out for each verdict
        """Met by naming the feeling or the trouble; a set phrase alone, or standing by them, is partly."""
        called = case.of("negative_emotion", "struggle")
        if not called:
            return Judged("not_applicable", "The customer showed neither strong feeling nor trouble of their own.")
        found = once(case.of("validation"))
        shown = moments(case, called, found, self.within_turns)
        waved = case.of("dismissive")
        if len(waved) >= self.waved_off and len(found) < len(waved):
            return Judged("missed", "The agent brushed the customer's trouble aside.", proof(waved), shown)
        if found and (answered(shown) >= self.met_share * len(shown) or len(found) >= self.met_count):
            reason = "The agent acknowledged what the customer felt or went through."
            return Judged("met", reason, proof(found), shown)
        if found:
            reason = f"The agent acknowledged the customer's trouble {times(len(found))}, in {len(shown)} moments."
            return Judged("partly", reason, proof(found), shown)
        if weak := once(case.of("validation_weak")):
            reason = "The agent used only a set phrase that names neither feeling nor trouble."
            return Judged("partly", reason, proof(weak), shown)
        if (stood_by := case.of("ownership")) and len(waved) < self.waved_off:
            reason = "The agent named neither feeling nor trouble, but took the matter on as their own."
            return Judged("partly", reason, proof(stood_by), shown)
        return Judged("missed", "The customer showed trouble, and the agent did not acknowledge it.", (), shown)
