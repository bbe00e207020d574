"""Closes well: who does what by when is clear, and the outcome is checked."""

from __future__ import annotations

from rubric.case import Case, Judged, proof
from rubric.tables import Count, InWords, Share, Table, counted


class ClosesWell(Table, frozen=True, tag_field="kind", tag="closes_well"):
    """Are next steps clear, and is the outcome checked?

    settled_turns   what the customer says in their last so many turns, the first apart, shows whether it is settled
    steps_from      steps named after this share of the agent's turns are steps to come
    waved_off       so many dismissive turns, and it is missed
    """

    settled_turns: Count = 3
    steps_from: Share = 0.5
    waved_off: Count = 4

    def in_words(self) -> InWords:
        """What a close must hold."""
        last = counted(self.settled_turns, "turn")
        return InWords(
            "Always, unless the conversation breaks off.",
            "The agent promises who comes back when, or checks that it worked; or names the next step in the last "
            f"{100 * (1 - self.steps_from):g} % of their turns, or asks whether that was all, of a customer who is "
            f"content in their last {last}.",
            "What comes next is left vague, or unsaid, and the customer does not leave upset.",
            f"Otherwise, and from {counted(self.waved_off, 'dismissive turn')} on.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by a clear promise or a check, or a clear step and a content customer."""
        if case.breaks_off:
            return Judged("not_applicable", "The conversation breaks off before it is closed.")
        clear, vague, asked = case.of("follow_up"), case.of("follow_up_vague"), case.of("asks_if_done")
        turns, end = case.turns_of("agent"), case.last_turns(self.settled_turns)
        late = turns[int(len(turns) * self.steps_from) :]
        steps = [act for act in case.of("next_steps") if act.evidence.turn in late]
        content = [act for act in case.of("positive", "resolved") if act.evidence.turn in end]
        upset = [act for act in case.of("negative_emotion", "unresolved") if act.evidence.turn in end[-1:]]
        if len(waved := case.of("dismissive")) >= self.waved_off:
            return Judged("missed", "The agent closed the talk on a matter that was still open.", proof(waved))
        if clear:
            return Judged("met", "The agent said what happens next, or checked that it worked.", proof(clear))
        if not upset and ((steps and (content or asked)) or (content and asked)):
            reason = "The next step was named, and the customer could go with that."
            return Judged("met", reason, proof(steps or asked + content))
        if not upset and (vague or steps or content or asked):
            reason = "What happens next was left vague." if vague else "What happens next was hardly said, nor checked."
            return Judged("partly", reason, proof(vague or steps or asked or content))
        return Judged(
            "missed", "Nothing clear was said of what happens next, and nobody checked.", proof(vague or upset)
        )
