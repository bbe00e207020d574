"""Personalises: this customer is spoken to, by name, history and circumstances, in words they know."""

from __future__ import annotations

from collections.abc import Iterator

from rubric.case import Case, Judged, proof, tallied
from rubric.tables import Count, InWords, Rate, Table, Wrong, counted, not_over


class Personalises(Table, frozen=True, tag_field="kind", tag="personalises"):
    """Is this customer treated as a person: name, history, circumstances, their level of knowledge?

    personal     what a turn counts for that speaks to this customer
    validation   ... that acknowledges what they feel or went through
    extra_mile   ... that gives them more than was asked
    jargon       what a turn with unexplained terms counts against
    dismissive   and a dismissive one
    most         so many turns of each act count
    met          from this sum on it is met
    partly       and from this one partly
    """

    personal: Rate = 1.0
    validation: Rate = 1.0
    extra_mile: Rate = 0.5
    jargon: Rate = 0.3
    dismissive: Rate = 0.75
    most: Count = 3
    met: Rate = 2.5
    partly: Rate = 0.75

    def wrong(self) -> Iterator[Wrong]:
        """Partly is not harder than met."""
        return not_over(self, "partly", "met")

    def in_words(self) -> InWords:
        """What speaks to a person, and what takes from it."""
        return InWords(
            f"Always. A turn that speaks to this customer counts {self.personal:g}, one that acknowledges what they "
            f"went through {self.validation:g}, one that gives more than was asked {self.extra_mile:g}, of each at "
            f"most {counted(self.most, 'turn')}; one with unexplained terms takes away {self.jargon:g}, a dismissive "
            f"one {self.dismissive:g}.",
            f"Together {self.met:g} or more.",
            f"{self.partly:g} or more.",
            "Less.",
        )

    def judge(self, case: Case) -> Judged:
        """Every conversation is an occasion."""
        counts = {name: getattr(self, name) for name in ("personal", "validation", "extra_mile")}
        against = {"jargon": -self.jargon, "dismissive": -self.dismissive}
        total, shown = tallied(case, counts | against, self.most)
        jargon = sum(act.label == "jargon" for act in shown)
        terms = f" Terms that they need not know came up in {counted(jargon, 'turn')}, unexplained." if jargon else ""
        if total >= self.met:
            return Judged("met", f"The agent spoke to this customer and their circumstances.{terms}", proof(shown))
        if total >= self.partly:
            return Judged("partly", f"The agent spoke to this customer only in passing.{terms}", proof(shown))
        reason = "Little of what the agent said was meant for this customer rather than for any."
        return Judged("missed", reason + terms, proof(shown))
