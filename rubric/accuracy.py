"""How well acts, criteria and rules agree with readers of the same turns, as it was last measured.

The figures stand in accuracy.toml, which `make accuracy` writes. They hold for the scorer that they were measured
with; nothing of them can change a score, so the file is no part of the scorer version.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

import msgspec

# Sources by their names in accuracy.toml.
WRITTEN = "written conversations, two writers kept aside"
REAL = "real conversations in customer service"


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act over `n` turns, or a criterion's verdicts over `n` conversations; None is what is not defined.

    `low` and `high` are the 95 % interval, over conversations drawn anew: of F1 where `Source.interval_of` says so,
    else of kappa. A criterion has kappa alone; its `not_scorable` verdicts count as disagreements.
    """

    n: int
    positives: int | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    kappa: float | None = None
    low: float | None = None
    high: float | None = None
    not_scorable: int | None = None


class RuleFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a rule was the evidence of an act, and how often readers saw the act in that turn too."""

    found: int
    correct: int


class Auc(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How well percent tells conversations of high quality from low: the chance that the high one has more.

    `no_percent` conversations have none and stand in neither n.
    """

    auc: float | None = None
    low: float | None = None
    high: float | None = None
    n_high: int = 0
    n_low: int = 0
    no_percent: int = 0


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was measured on: its name in words, how many conversations, and who read them."""

    name: str
    conversations: int
    readers: str
    interval_of: str
    acts: dict[str, Figures] = {}
    criteria: dict[str, Figures] = {}
    rules: dict[str, dict[str, RuleFigures]] = {}
    percent_auc: Auc | None = None


class Accuracy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that was measured, with which scorer, and when."""

    scorer: str
    measured_on: date
    sources: tuple[Source, ...] = ()


def verdicts(criterion: str) -> dict[str, float]:
    """How well the built-in rubric's verdicts on a criterion agree with readers: kappa by the kind of conversation.

    Of written conversations those kept aside speak, whose writers nothing was fitted to. Empty where nobody has read
    conversations for it.
    """
    return {
        kind: figures.kappa
        for kind, name in (("written", WRITTEN), ("real", REAL))
        for source in measured().sources
        if source.name == name and (figures := source.criteria.get(criterion)) and figures.kappa is not None
    }


@cache
def measured() -> Accuracy:
    """The figures that come with this version."""
    return parse(files("rubric").joinpath("accuracy.toml").read_bytes())


def parse(raw: bytes) -> Accuracy:
    """The figures from the bytes of a file like accuracy.toml."""
    return msgspec.toml.decode(raw, type=Accuracy)
