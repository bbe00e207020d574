"""What speaks for a verdict and what against it, added up: numbers that anyone can read, change and add up again.

A turn counts by what it does: the first of its kind so much, the second so much more, and so on; what speaks against
counts below zero. The shipped numbers are those that come nearest to the verdicts of readers who read the conversation
as a whole (benchmarks/verdicts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple

from rubric import observed
from rubric.case import Case, Judged
from rubric.checking import nearest
from rubric.observed import Window
from rubric.tables import Count, InWords, Table, Wrong, counted, not_over
from rubric.types import Evidence, Occasion, Verdict

Steps = tuple[float, ...]


class Counted(NamedTuple):
    """What was seen by one name, and what it adds."""

    name: str
    words: tuple[Evidence, ...]
    adds: float


class Reasons(NamedTuple):
    """A sentence for each verdict, and one for what would be met if what it needs were there; without full stops."""

    met: str
    partly: str
    missed: str
    lacks: str


class Weighed(NamedTuple):
    """What counted, what it makes together, and whether something is there of what met needs."""

    counted: tuple[Counted, ...]
    total: float
    has_needed: bool


class Balance(Table, frozen=True):
    """A criterion whose verdict is a sum.

    counts         by name of an act, or of what else shows (observed.NAMES): what the first such turn adds, the
                   second, the third ...; further ones add nothing
    needs          names of which at least one must be seen, or it is partly at best
    met            from this sum on it is met
    partly         and from this one partly
    within_turns   an answer in so many agent turns is soon
    end_turns      the customer's last so many turns tell how it ended
    """

    reasons: ClassVar[Reasons]

    counts: dict[str, Steps]
    met: float
    partly: float
    needs: tuple[str, ...] = ()
    within_turns: Count = 2
    end_turns: Count = 3

    def wrong(self) -> Iterator[Wrong]:
        """Names that nothing goes by; partly that is harder than met."""
        yield from not_over(self, "partly", "met")
        yield from _unknown("counts", self.counts)
        yield from _unknown("needs", self.needs)

    @property
    def window(self) -> Window:
        return Window(self.within_turns, self.end_turns)

    def called_for(self) -> str:
        """Where it is called for, in words: always, where a criterion does not say otherwise."""
        return "Always."

    def judge(self, case: Case) -> Judged:
        """By the sum; whoever asks for an occasion first says so."""
        return self.answer(case)

    def weigh(self, case: Case) -> Weighed:
        """Everything that counts, in the order of the rubric."""
        seen = {name: observed.seen(name, case, self.window) for name in (*self.counts, *self.needs)}
        found = []
        for name, steps in self.counts.items():
            adds = round(sum(steps[: len(seen[name])]), 6)
            if adds:
                found.append(Counted(name, tuple(seen[name]), adds))
        needed = not self.needs or any(seen[name] for name in self.needs)
        return Weighed(tuple(found), round(sum(each.adds for each in found), 6), needed)

    def answer(self, case: Case, occasions: Iterable[Occasion] = (), *, doubt: str | None = None) -> Judged:
        """The verdict, with the sum in its reason and the words of all that counted.

        `doubt` is the sentence for what keeps it from being met, as nothing in the sum does.
        """
        weighed = self.weigh(case)
        verdict, sentence = self._verdict(weighed, doubt)
        return Judged(verdict, f"{sentence} ({self._sum(weighed)}).", _proof(weighed.counted), tuple(occasions))

    def _verdict(self, weighed: Weighed, doubt: str | None) -> tuple[Verdict, str]:
        if weighed.total < self.partly:
            return "missed", self.reasons.missed
        if weighed.total < self.met:
            return "partly", self.reasons.partly
        if not weighed.has_needed:
            return "partly", self.reasons.lacks
        return ("partly", doubt) if doubt else ("met", self.reasons.met)

    def _sum(self, weighed: Weighed) -> str:
        """`Validation twice +3.3, dismissive once -0.5: 2.8; met from 4.7, partly from 2.4`."""
        parts = ", ".join(f"{self._seen(each)} {each.adds:+g}" for each in weighed.counted)
        parts = f"{parts[:1].upper()}{parts[1:]}: {weighed.total:g}" if parts else "Nothing seen that adds or takes: 0"
        return f"{parts}; met from {self.met:g}, partly from {self.partly:g}"

    def _seen(self, each: Counted) -> str:
        """How often something was seen, and how many of these count where there is no step for each."""
        steps = len(self.counts[each.name])
        count = f" ({steps} count{'s' if steps == 1 else ''})" if len(each.words) > steps else ""
        return f"{observed.so_often(each.name, each.words)}{count}"

    def in_words(self) -> InWords:
        """Where it is called for, what counts how much, and from which sum on."""
        listed = "; ".join(
            f"{observed.in_words(name)} {', '.join(f'{step:+g}' for step in steps)}"
            for name, steps in self.counts.items()
        )
        needs = " or ".join(observed.in_words(name) for name in self.needs)
        soon = f"Soon is within {counted(self.within_turns, 'agent turn')}, the end the customer's last "
        return InWords(
            f"{self.called_for()} What the first such turn adds, the second and so on: {listed}. "
            f"{soon}{counted(self.end_turns, 'turn')}.",
            f"Together {self.met:g} or more" + (f", with {needs}." if needs else "."),
            f"{self.partly:g} or more" + (f"; or {self.met:g} or more without {needs}." if needs else "."),
            "Less.",
        )


def _unknown(key: str, names: Iterable[str]) -> Iterator[Wrong]:
    listed = f"names are {', '.join(observed.NAMES)}"
    for name in names:
        if name not in observed.NAMES:
            yield Wrong(key, f"nothing goes by the name {name!r}", nearest(name, observed.NAMES, listed))


def _proof(counted: Iterable[Counted]) -> tuple[Evidence, ...]:
    """The words of all that counted, once each, in the order of the conversation."""
    words = {(each.turn, each.rule, each.words): each for one in counted for each in one.words}
    return tuple(words[key] for key in sorted(words))
