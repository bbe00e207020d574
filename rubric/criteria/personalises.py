"""Personalises: this customer is spoken to, by name, history and circumstances, in words they know."""

from __future__ import annotations

from rubric.case import Case, Judged, lowered, one_a_turn, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Verdict


class Personalises(Table, frozen=True, tag_field="kind", tag="personalises"):
    """Is this customer treated as a person: name, history, circumstances, their level of knowledge?

    met_count   so many turns that speak to this customer; one and an acknowledgement of their trouble will do too
    jargon      so many turns with unexplained terms lower the verdict by a step
    waved_off   so many dismissive turns lower it too
    """

    met_count: Count = 2
    jargon: Count = 2
    waved_off: Count = 2

    def in_words(self) -> InWords:
        """What speaks to a person, and what costs a step."""
        return InWords(
            f"Always. {counted(self.jargon, 'turn')} of unexplained terms cost a step, and so do "
            f"{counted(self.waved_off, 'dismissive turn')}.",
            f"{counted(self.met_count, 'turn')} that speak to this customer; or one, and trouble is acknowledged.",
            "One of these two.",
            "Neither.",
        )

    def judge(self, case: Case) -> Judged:
        """Every conversation is an occasion."""
        personal, felt = one_a_turn(case.of("personal")), one_a_turn(case.of("validation"))
        jargon, waved = case.of("jargon"), case.of("dismissive")
        verdict: Verdict = "missed"
        if len(personal) >= self.met_count or (personal and felt):
            verdict = "met"
        elif personal or felt:
            verdict = "partly"
        reason = {
            "met": "The agent spoke to this customer and their circumstances.",
            "partly": "The agent spoke to this customer only in passing.",
            "missed": "Nothing the agent said was meant for this customer rather than for any.",
        }[verdict]
        shown = personal or felt
        if len(jargon) >= self.jargon:
            verdict, shown = lowered(verdict), shown + jargon
            reason += f" Terms that the customer need not know came up {len(jargon)} times, unexplained."
        if len(waved) >= self.waved_off:
            verdict, shown = lowered(verdict), shown + waved
            reason += " And the agent was dismissive."
        return Judged(verdict, reason, proof(shown))
