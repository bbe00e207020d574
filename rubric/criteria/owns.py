"""Owns: the problem is taken on, and the customer has somebody on their side."""

from __future__ import annotations

from collections.abc import Iterator

from rubric.case import Case, Judged, following, one_a_turn, proof, tallied
from rubric.tables import Count, InWords, Rate, Table, Wrong, counted, not_over
from rubric.types import Occasion


class Owns(Table, frozen=True, tag_field="kind", tag="owns"):
    """Does the agent take the problem on and show that they are on the customer's side?

    simple_problems   with fewer turns that state a problem, and no feeling or trouble shown, it is a mere transaction
    ownership         what a turn counts for that takes the problem on or stands beside the customer
    follow_up         ... that promises to come back, or checks
    extra_mile        ... that gives more than was asked
    validation        ... that acknowledges feeling or trouble
    dismissive        what a dismissive turn counts against
    most              so many turns of each act count
    met               from this sum on it is met
    partly            and from this one partly
    """

    simple_problems: Count = 2
    ownership: Rate = 1.0
    follow_up: Rate = 1.0
    extra_mile: Rate = 0.75
    validation: Rate = 0.25
    dismissive: Rate = 0.4
    most: Count = 2
    met: Rate = 1.5
    partly: Rate = 0.5

    def wrong(self) -> Iterator[Wrong]:
        """Partly is not harder than met."""
        return not_over(self, "partly", "met")

    def in_words(self) -> InWords:
        """What counts as taking it on."""
        return InWords(
            "Where the customer shows negative emotion or struggle, or states a problem in "
            f"{counted(self.simple_problems, 'turn')}. A turn that takes it on counts {self.ownership:g}, one that "
            f"promises to come back {self.follow_up:g}, one that does more than asked {self.extra_mile:g}, one that "
            f"acknowledges {self.validation:g}, of each at most {self.most}; a dismissive turn takes away "
            f"{self.dismissive:g}.",
            f"Together {self.met:g} or more.",
            f"{self.partly:g} or more.",
            "Less.",
        )

    def judge(self, case: Case) -> Judged:
        """By what speaks for it and against it, added up."""
        problems = one_a_turn(case.of("problem", "negative_emotion", "struggle"))
        upset = case.of("negative_emotion", "struggle")
        counts = {name: getattr(self, name) for name in ("ownership", "follow_up", "extra_mile", "validation")}
        total, taken = tallied(case, counts | {"dismissive": -self.dismissive}, self.most)
        if not taken and not upset and len(problems) < self.simple_problems:
            return Judged("not_applicable", "It was a simple transaction, with no problem to take on.")
        helped = [act for act in taken if act.label != "dismissive"]
        shown = tuple(Occasion(act.label, act.evidence, following(helped, act.evidence.turn)) for act in problems[:1])
        if total >= self.met:
            return Judged("met", "The agent took the problem on as their own.", proof(helped), shown)
        if total >= self.partly:
            return Judged(
                "partly", "The agent did something about it, but hardly made it their own.", proof(taken), shown
            )
        if helped:
            return Judged(
                "missed", "What the agent did to help, they took back by brushing it off.", proof(taken), shown
            )
        return Judged("missed", "The agent never took the problem on as their own.", proof(taken), shown)
