"""Closes well: who does what by when is clear, and the outcome is checked."""

from __future__ import annotations

from rubric.case import Case, Judged, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Verdict


class ClosesWell(Table, frozen=True, tag_field="kind", tag="closes_well"):
    """Are next steps clear, and is the outcome checked?

    settled_turns   what the customer says in their last so many turns shows whether it is settled for them
    waved_off       so many dismissive turns, and it is missed
    """

    settled_turns: Count = 3
    waved_off: Count = 2

    def in_words(self) -> InWords:
        """What a close must hold."""
        last = counted(self.settled_turns, "turn")
        return InWords(
            "Always, unless the conversation breaks off.",
            "The agent says who does what by when, or checks that it worked.",
            f"They say it vaguely, or not at all, to a customer who is content in their last {last}.",
            f"Otherwise, and from {counted(self.waved_off, 'dismissive turn')} on.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by a clear promise or a check; a vague one, or none and a content customer, is partly."""
        if case.breaks_off:
            return Judged("not_applicable", "The conversation breaks off before it is closed.")
        clear, vague = case.of("follow_up"), case.of("follow_up_vague")
        waved = case.of("dismissive")
        end = case.turns_of("customer")[-self.settled_turns :]
        content = [act for act in case.of("positive", "resolved") if act.evidence.turn in end]
        upset = [act for act in case.of("negative_emotion", "unresolved") if act.evidence.turn in end[-2:]]
        if len(waved) >= self.waved_off:
            return Judged("missed", "The agent closed the talk on a matter that was still open.", proof(waved))
        if clear:
            return Judged("met", "The agent said what happens next, or checked that it worked.", proof(clear))
        if vague:
            verdict: Verdict = "partly" if content else "missed"
            return Judged(verdict, "What happens next was left vague: neither who nor when.", proof(vague))
        if content and not upset:
            reason = "The customer was content, but nothing was said of what happens next, nor was it checked."
            return Judged("partly", reason, proof(content))
        return Judged("missed", "Nothing was said of what happens next, and nobody checked.", proof(upset))
