"""Paraphrases: the problem is put back, so that the customer can confirm or correct it."""

from __future__ import annotations

from rubric.balance import Balance, Reasons
from rubric.case import Case, Judged, following
from rubric.language import Sentence
from rubric.said import Said
from rubric.tables import Count, counted
from rubric.types import Evidence, Occasion

# What only asks whether it was put back rightly.
_AGREED = frozenset({"correct", "understood", "understand", "accur", "fair"})
_NOT_FIRST = 1 << 30
_WRONG = "The agent put the problem back, but got it wrong"


class Paraphrases(Balance, frozen=True, tag_field="kind", tag="paraphrases"):
    """Does the agent check their understanding by putting it back?

    simple_problems   with fewer turns that state a problem, and no feeling or trouble, there is nothing to put back
    """

    reasons = Reasons(
        met="The agent put the problem back in their own words",
        partly="The agent put the problem back, but hardly enough to be sure of it",
        missed="The agent hardly put the problem back to the customer",
        lacks="The agent asked, but never put the problem back",
    )

    simple_problems: Count = 2

    def called_for(self) -> str:
        """Where there is something to put back, and what a no to it does."""
        return (
            f"Where {counted(self.simple_problems, 'turn')} or more state a problem, the customer shows feeling or "
            "trouble, or a problem is put back anyway. Put back wrong, by the customer's no, it is partly at best."
        )

    def judge(self, case: Case) -> Judged:
        """By what shows that the problem was understood; what the customer denies is not enough for met."""
        problems, found = case.of("problem"), case.of("paraphrase")
        upset = case.of("negative_emotion", "struggle")
        if len(problems) < self.simple_problems and not found and not upset:
            return Judged("not_applicable", "There was no more to understand than a simple request.")
        shown = tuple(Occasion(act.label, act.evidence, following(found, act.evidence.turn)) for act in problems[:3])
        denied = bool(found) and all(_denied(case, act.evidence) for act in found)
        return self.answer(case, shown, doubt=_WRONG if denied else None)


def _denied(case: Case, put_back: Evidence) -> bool:
    """Whether the customer's next turn begins with a no, and nothing else was asked before it."""
    for each in case.said:
        if each.turn.index < put_back.turn or each.turn.backchannel:
            continue
        if each.turn.speaker == "customer":
            rules = {hit.rule.name: hit.start for hit in each.hits}
            return rules.get("talk.denies", _NOT_FIRST) <= 1 and "talk.confirms" not in rules
        asked_from = 0 if each.turn.index > put_back.turn else put_back.words[1]
        if any(_asks_more(each, one) for one in each.line.sentences if each.line.word_of[one.start] >= asked_from):
            return False
    return False


def _asks_more(said: Said, sentence: Sentence) -> bool:
    """Whether a sentence asks something else than "is that right?"."""
    return sentence.asks and not (said.content - _AGREED).isdisjoint(said.line.stems[sentence.start : sentence.end])
