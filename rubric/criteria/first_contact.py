"""First-contact resolution, as far as the words show it: what happened afterwards is in no transcript."""

from __future__ import annotations

from rubric.case import Case, Judged, one_a_turn, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Occasion

# Rules of follow_up that find no promise of a later contact, but a check of whether it works.
_CHECKS = frozenset({"follow_up.does-that-settle", "follow_up.once-more"})


class FirstContact(Table, frozen=True, tag_field="kind", tag="first_contact"):
    """Was the matter settled in this conversation?

    end_turns   what the customer says in their last so many turns, the first apart, tells how it ended
    """

    end_turns: Count = 3

    def in_words(self) -> InWords:
        """What shows how it ended."""
        last = counted(self.end_turns, "turn")
        return InWords(
            f"Where the customer states a problem; not scorable where their last {last} do not show how it ended.",
            f"In their last {last} the customer says that it is settled, or is content.",
            "So they do, but it was not their first attempt; or a further contact is to come.",
            f"The last that they say of it, in their last {last}, is that it is open, or shows negative emotion.",
        )

    def judge(self, case: Case) -> Judged:
        """Met where the customer says so; a step that is still to come is partly; sent away or left with it, missed."""
        problems = one_a_turn(case.of("problem"))
        if not problems:
            return Judged("not_applicable", "The customer brought nothing that had to be settled.")
        again = case.of("repeat_contact")
        shown = (Occasion("problem", problems[0].evidence), *(Occasion(act.label, act.evidence) for act in again[:2]))
        end = case.last_turns(self.end_turns)
        last = [
            act for act in case.of("resolved", "positive", "unresolved", "negative_emotion") if act.evidence.turn in end
        ]
        settled = [act for act in last if act.label in {"resolved", "positive"}]
        # What somebody felt is told with relief too: behind a good word only what is said to be open is open.
        shows_open = {"unresolved"} if settled else {"unresolved", "negative_emotion"}
        open_still = [act for act in last if act.label in shows_open]
        later = [act for act in case.of("follow_up", "follow_up_vague") if not _checks(case, act.evidence.turn)]
        before = " It was not their first attempt." if again else ""
        if open_still and open_still[-1].evidence.turn >= max((act.evidence.turn for act in settled), default=-1):
            return Judged("missed", f"The customer left with the matter open.{before}", proof(open_still), shown)
        if later:
            reason = f"It was not settled then and there: a further contact is to come.{before}"
            return Judged("partly", reason, proof(later), shown)
        if settled and again:
            return Judged("partly", "It was settled, but not at the first attempt.", proof(settled + again), shown)
        if settled:
            return Judged(
                "met", "The customer left with the matter settled, by their own words.", proof(settled), shown
            )
        return Judged("not_scorable", "Nothing the customer said shows whether the matter was settled.", (), shown)


def _checks(case: Case, turn: int) -> bool:
    """Whether a turn with `follow_up` only asks whether it works."""
    hits = (hit for each in case.said if each.turn.index == turn for hit in each.hits)
    rules = {hit.rule.name for hit in hits if hit.rule.label == "follow_up"}
    return bool(rules) and rules <= _CHECKS
