"""What somebody says, as a rubric file writes it: phrases in the pattern language, and where they were found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

import msgspec

from rubric import acts, cues
from rubric.case import Case
from rubric.cues import Cues, RuleText
from rubric.grammar import GrammarError
from rubric.tables import Table, Wrong
from rubric.types import Evidence

Patterns = Annotated[
    tuple[str, ...], msgspec.Meta(min_length=1, description='it is a list of one phrase or more: ["thank you"]')
]


class Found(NamedTuple):
    """A phrase in a turn: the sentence that it stands in, and when its own words begin."""

    evidence: Evidence
    start_s: float | None


class Heard(Table, frozen=True):
    """Phrases as an occasion: each turn with one of them calls for what the criterion asks.

    phrases        the phrases, in the pattern language; any one of them is enough
    unless         a phrase does not count in a sentence with one of these
    even_negated   true: it counts even where it is negated ("I can't call you back")
    speaker        whose words: "agent" or "customer"
    """

    phrases: Patterns
    unless: tuple[str, ...] = ()
    even_negated: bool = False
    speaker: Literal["agent", "customer"] = "customer"

    def wrong(self) -> Iterator[Wrong]:
        """Patterns that do not follow the grammar."""
        for key in ("phrases", "unless"):
            for number, source in enumerate(getattr(self, key)):
                try:
                    cues.compiled(source)
                except GrammarError as error:
                    yield Wrong(f"{key}[{number}]", error.what, error.cure)
        for number, source in enumerate(self.unless):
            if source in self.phrases:
                yield Wrong(f"unless[{number}]", f"{source!r} is one of the phrases too", "it would never count")

    def find(self, case: Case) -> list[Found]:
        """The first phrase of each turn of the speaker's that has one."""
        rules = _rules(self.phrases, self.unless, even_negated=self.even_negated)
        name = f"phrases.{case.criterion}"
        found: list[Found] = []
        for each in case.said:
            if each.turn.speaker == self.speaker and (hits := cues.find_by(rules, each.line)):
                start, end = hits[0].start, hits[0].end
                words = acts.evidence(each.turn, each.line, start, end, name)
                found.append(Found(acts.shown(each, start, end, name), words.start_s))
        return found

    def says(self) -> str:
        """In words: the agent says “…” or “…”."""
        aside = [f"in no sentence with {_quoted(self.unless)}"] if self.unless else []
        aside += ["even negated"] if self.even_negated else []
        how = f" ({', '.join(aside)})" if aside else ""
        return f"the {self.speaker} says {_quoted(self.phrases)}{how}"


@lru_cache(maxsize=512)
def _rules(phrases: tuple[str, ...], unless: tuple[str, ...], *, even_negated: bool) -> Cues:
    """The phrases as one rule, compiled once however many conversations are judged."""
    text = RuleText(name="own", any=phrases, unless=unless, affirmed=not even_negated)
    return cues.compile_rules([("phrases", text)])


def _quoted(patterns: tuple[str, ...]) -> str:
    return " or ".join(f"“{each}”" for each in patterns)
