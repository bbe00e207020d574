"""Where we and the readers differ: which turns, by how much, and what weighed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks import readings
from benchmarks.readings import Reading
from rubric import acts, weighing
from rubric.said import Said, Trait
from rubric.weighing import Part

WORST = 10


class Miss(NamedTuple):
    """A turn on which we and the readers differ about a label.

    `sum` is what its cues and traits add up to, with the bias: zero or more is a yes. It is None for what is not
    decided by weights (a question, a backchannel, an interruption). `weighed` are the parts, the heaviest first.
    """

    reading: Reading
    label: str
    sum: float | None
    weighed: tuple[tuple[str, float], ...] = ()

    @property
    def invented(self) -> bool:
        """We found what the readers did not; otherwise we missed what they found."""
        return not self.reading.told.truth[self.label]

    @property
    def off(self) -> float:
        """How far the sum was from the other answer."""
        return abs(self.sum) if self.sum is not None else 0.0


def of(sources: Mapping[str, Iterable[Reading]], label: str) -> list[Miss]:
    """All misses of one label, the farthest off first; those that no weights decide come last, in order of reading."""
    found = [miss for turns in sources.values() for miss in _misses(turns, (label,))]
    return sorted(found, key=lambda miss: -miss.off)


def worst(turns: Iterable[Reading], count: int = WORST) -> list[Miss]:
    """The misses of any label that are farthest off."""
    return sorted(_misses(turns), key=lambda miss: -miss.off)[:count]


def _misses(turns: Iterable[Reading], labels: Sequence[str] | None = None) -> Iterator[Miss]:
    """The misses in order; turns of one transcript follow each other, so each is read once."""
    last, said, features = None, tuple[Said, ...](), list[dict[str, Trait]]()
    for each in turns:
        for label in labels if labels is not None else each.told.truth:
            if label not in each.told.truth or each.told.truth[label] == (label in each.told.found):
                continue
            if each.transcript is not last:
                last, said = each.transcript, readings.said(each.transcript)
                features = acts.features(each.transcript, said)
            if label not in weighing.weights():
                yield Miss(each, label, None)
                continue
            parts = weighing.parts(label, features[each.at], weighing.known_in(said, each.at, (label,)))
            yield Miss(each, label, weighing.total(label, parts), _weighed(label, parts))


def _weighed(label: str, parts: Iterable[Part]) -> tuple[tuple[str, float], ...]:
    order = sorted(((part.name, part.adds) for part in parts), key=lambda part: (-abs(part[1]), part[0]))
    return (*order, ("bias", weighing.weights()[label].bias))
