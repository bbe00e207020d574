"""What a criterion may look at, what it answers, and how acts are held against the moments that called for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rubric import language
from rubric.said import Said
from rubric.types import Act, Evidence, Interruptions, Occasion, Verdict
from rubric.wordlists import words
from transcription.types import Transcript

# Two sentences of empathy are the same one where they share so many of their words.
_SAME = 0.75
# Words that make a sentence no other: "I completely understand" is "I understand".
_PADDING = words("padding")


class Case(NamedTuple):
    """All that a criterion may look at; `criterion` is the id of the one that judges."""

    transcript: Transcript
    said: tuple[Said, ...]
    acts: tuple[Act, ...]
    interruptions: Interruptions
    criterion: str = ""

    def of(self, *labels: str) -> list[Act]:
        """The acts with one of these labels, in order."""
        return [act for act in self.acts if act.label in labels]

    def turns_of(self, speaker: str) -> list[int]:
        """The indices of the speaker's turns, backchannels apart."""
        return [each.turn.index for each in self.said if each.turn.speaker == speaker and not each.turn.backchannel]

    def last_turns(self, count: int) -> list[int]:
        """The customer's last so many turns: how it ended. Their first tells how it began, and is none of them."""
        turns = self.turns_of("customer")
        return turns[max(1, len(turns) - count) :]

    @property
    def written(self) -> bool:
        return self.transcript.medium != "voice"

    @property
    def breaks_off(self) -> bool:
        """Whether there is no end to speak of: the last turn is cut off, or there is none."""
        return not self.said or self.said[-1].turn.text.endswith(("--", "—"))


class Judged(NamedTuple):
    """A verdict and what shows it."""

    verdict: Verdict
    reason: str
    evidence: tuple[Evidence, ...] = ()
    occasions: tuple[Occasion, ...] = ()


def moments(case: Case, called: Iterable[Act], found: Sequence[Act], within_turns: int) -> tuple[Occasion, ...]:
    """Each turn that called for something, and the first of `found` in the next `within_turns` agent turns."""
    agent_turns = case.turns_of("agent")
    return tuple(
        Occasion(act.label, act.evidence, _within(found, act.evidence.turn, agent_turns, within_turns))
        for act in one_a_turn(called)
    )


def answered(occasions: Iterable[Occasion]) -> int:
    """How many moments were answered."""
    return sum(each.answered_by is not None for each in occasions)


def _within(found: Iterable[Act], turn: int, agent_turns: Sequence[int], within: int) -> Evidence | None:
    near = [each for each in agent_turns if each >= turn][:within]
    return next((act.evidence for act in found if act.evidence.turn in near), None)


def following(found: Iterable[Act], turn: int) -> Evidence | None:
    """The first of the acts at or after a turn."""
    return next((act.evidence for act in found if act.evidence.turn >= turn), None)


def preceding(found: Iterable[Act], turn: int) -> Evidence | None:
    """The first of the acts before a turn."""
    return next((act.evidence for act in found if act.evidence.turn < turn), None)


def once(acts: Iterable[Act]) -> list[Act]:
    """The same sentence of empathy earns once: the acts without those whose words have been said before."""
    heard: list[frozenset[str]] = []
    kept: list[Act] = []
    for act in acts:
        mine = gist(act.evidence.quote)
        if not any(len(mine & each) >= _SAME * len(mine | each) for each in heard):
            heard.append(mine)
            kept.append(act)
    return kept


@lru_cache(maxsize=4096)  # one quote proves several acts
def gist(quote: str) -> frozenset[str]:
    """The stems of a sentence without what only pads it; two with the same gist are the same sentence."""
    stems = frozenset(each for each in language.read(quote).stems if each not in language.ENDS)
    return (stems - _PADDING) or stems


def one_a_turn(acts: Iterable[Act]) -> list[Act]:
    """The first act of each turn."""
    kept: dict[int, Act] = {}
    for act in acts:
        kept.setdefault(act.evidence.turn, act)
    return list(kept.values())


def proof(acts: Iterable[Act]) -> tuple[Evidence, ...]:
    """The words of the acts."""
    return tuple(act.evidence for act in acts)
