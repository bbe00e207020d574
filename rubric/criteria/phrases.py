"""Phrases: a criterion of one's own, made of what somebody says, or should not say, and when."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec

from rubric import acts
from rubric.case import Case, Judged, one_a_turn
from rubric.checking import nearest
from rubric.heard import Found, Heard
from rubric.said import Said
from rubric.tables import InWords, Share, Some, Wrong, counted, not_over, share_of, times
from rubric.types import Evidence, Occasion, Verdict

WHOLE, OPENING, CLOSE = "conversation", "opening", "close"
OCCASIONS = (WHOLE, OPENING, CLOSE, *acts.AGENT, *acts.CUSTOMER)
"""What `occasion` may name: a part of the conversation, or an act, each turn with which is a moment of its own."""


Within = Annotated[float, msgspec.Meta(gt=0.0, le=1e9, description="it is a number of seconds, more than 0")]


class Reach(NamedTuple):
    """An occasion, and where a phrase counts for it: from turn to turn, and between two times."""

    kind: str
    evidence: Evidence
    first: int
    last: int
    from_s: float = -math.inf
    to_s: float = math.inf

    def holds(self, found: Found) -> bool:
        timely = found.start_s is None or self.from_s <= found.start_s <= self.to_s
        return self.first <= found.evidence.turn <= self.last and timely


class Phrases(Heard, frozen=True, tag_field="kind", tag="phrases"):
    """A criterion of one's own: is something said that should be, or that should not, and when?

    phrases        the phrases, in the pattern language; any one of them is enough
    unless         a phrase does not count in a sentence with one of these
    even_negated   true: it counts even where it is negated ("I can't call you back")
    speaker        whose words: "agent" or "customer"
    wanted         false: the phrases should not be said, and what is found is held against the speaker
    occasion       when it is asked for: "conversation" (always), "opening", "close", an act such as "refusal",
                   or a table of phrases, as below
    within_turns   so many turns of the speaker's, from the occasion on, that turn among them if it is theirs;
                   of an opening their first, of a close their last
    within_s       so many seconds from the end of the occasion; of an opening the first, of a close the last
    met_count      of a conversation, opening or close: so many turns with a phrase, and it is met
    partly_count   the same for partly
    met_share      of an act or a table, which may come several times: the share that is answered, for met
    partly_share   the same for partly, and at least one
    missed_count   where unwanted: so many turns with a phrase, and it is missed; fewer are partly
    """

    speaker: Literal["agent", "customer"] = "agent"
    wanted: bool = True
    occasion: str | Heard = WHOLE
    within_turns: Some | None = None
    within_s: Within | None = None
    met_count: Some = 1
    partly_count: Some = 1
    met_share: Share = 1.0
    partly_share: Share = 0.0
    missed_count: Some = 1

    @property
    def _by_moments(self) -> bool:
        return self.occasion not in (WHOLE, OPENING, CLOSE)

    def wrong(self) -> Iterator[Wrong]:
        """Bad patterns, an occasion that is none, and keys that would decide nothing."""
        yield from super().wrong()
        if isinstance(self.occasion, str) and self.occasion not in OCCASIONS:
            cure = nearest(self.occasion, OCCASIONS, f"it is one of {', '.join(OCCASIONS)}, or a table")
            yield Wrong("occasion", f"there is no occasion {self.occasion!r}", cure)
            return
        limits = [name for name in ("within_turns", "within_s") if getattr(self, name) is not None]
        if self.occasion == WHOLE:
            for name in limits:
                yield Wrong(name, f"{name} counts from an occasion, and none is named", "add occasion, or leave it out")
        elif self.occasion in (OPENING, CLOSE) and not limits:
            yield Wrong("occasion", f"nothing says how long the {self.occasion} is", "add within_turns or within_s")
        yield from self._idle()
        yield from not_over(self, "partly_count", "met_count")
        yield from not_over(self, "partly_share", "met_share")

    def _idle(self) -> Iterator[Wrong]:
        """Numbers that are set and decide nothing."""
        if not self.wanted:
            why, decide = "where phrases are unwanted", frozenset({"missed_count"})
        elif self._by_moments:
            why, decide = "of an occasion that may come several times", frozenset({"met_share", "partly_share"})
        else:
            why, decide = f"of the {self.occasion}", frozenset({"met_count", "partly_count"})
        defaults = {field.name: field.default for field in msgspec.structs.fields(Phrases)}
        for name in ("met_count", "partly_count", "met_share", "partly_share", "missed_count"):
            if name not in decide and getattr(self, name) != defaults[name]:
                yield Wrong(name, f"{name} decides nothing {why}", f"say {' and '.join(sorted(decide))} instead")

    def judge(self, case: Case) -> Judged:
        """Wanted: met by phrases where they are called for. Unwanted: met where there are none."""
        own = set(case.turns_of(self.speaker))
        mine = [each for each in case.said if each.turn.index in own and each.line.stems]
        if not mine:
            return Judged("not_applicable", f"The {self.speaker} said nothing.")
        if self.occasion == CLOSE and case.breaks_off:
            return Judged("not_applicable", "The conversation breaks off before it is closed.")
        reaches = list(self._moments(case, mine)) if self._by_moments else [self._part(case, mine)]
        if not reaches:
            return Judged("not_applicable", f"Nothing called for it: there was no {self._moment()[2:]}.")
        if self.within_s is not None and any(each.turn.start_s is None for each in case.said):
            reason = f"The transcript has no times, and the rubric counts {self.within_s:g} s."
            return Judged("not_scorable", reason)
        everywhere = self.find(case)
        answers = [[each for each in everywhere if reach.holds(each)] for reach in reaches]
        found = [each.evidence for each in everywhere if any(each in answer for answer in answers)]
        shown = tuple(
            Occasion(reach.kind, reach.evidence, answer[0].evidence if answer else None)
            for reach, answer in zip(reaches, answers, strict=True)
            if reach.kind != WHOLE and (self.wanted or answer)
        )
        verdict, reason = self._verdict(len(found), len(reaches), sum(map(bool, answers)))
        if self.wanted and not found and everywhere:
            reason = f"{reason.removesuffix('.')}, but {times(len(everywhere))} elsewhere."
            found = [each.evidence for each in everywhere]
        return Judged(verdict, reason, tuple(found), shown)

    def _verdict(self, found: int, moments: int, answered: int) -> tuple[Verdict, str]:
        """The verdict on so many turns with a phrase, and so many moments of which some were answered."""
        who, where = f"The {self.speaker}", self._where()
        if not self.wanted:
            after = f" after {self._moment()}" if self._by_moments else ""
            if not found:
                return "met", f"{who} did not say it{where}{after}."
            verdict: Verdict = "missed" if found >= self.missed_count else "partly"
            return verdict, f"{who} said it {times(found)}{where}{after}, and should not."
        if self._by_moments:
            share = answered / moments
            level: Verdict = "met" if share >= self.met_share and answered else "partly"
            level = level if answered and share >= self.partly_share else "missed"
            called = "the one moment" if moments == 1 else f"{answered or 'none'} of {moments} moments"
            said = "said it" if answered or moments > 1 else "did not say it"
            return level, f"{who} {said}{where} in {called} that called for it."
        if not found or found >= self.met_count:
            said = f"said it {times(found)}" if found else "did not say it"
            return "met" if found else "missed", f"{who} {said}{where}."
        reason = f"{who} said it {times(found)}{where}, and {times(self.met_count)} is asked for."
        return "partly" if found >= self.partly_count else "missed", reason

    def _part(self, case: Case, mine: Sequence[Said]) -> Reach:
        """The whole conversation, its opening or its close."""
        first, last = case.said[0].turn, case.said[-1].turn
        head = acts.shown(mine[0], 0, 1, f"phrases.{case.criterion}")
        tail = acts.shown(mine[-1], 0, 1, f"phrases.{case.criterion}")
        if self.occasion == OPENING:
            end = mine[: self.within_turns][-1].turn.index if self.within_turns else last.index
            return Reach(OPENING, head, first.index, end, to_s=_after(first.start_s, self.within_s))
        if self.occasion == CLOSE:
            start = mine[-self.within_turns :][0].turn.index if self.within_turns else first.index
            from_s = -math.inf if last.end_s is None or self.within_s is None else last.end_s - self.within_s
            return Reach(CLOSE, tail, start, last.index, from_s=from_s)
        return Reach(WHOLE, head, first.index, last.index)

    def _moments(self, case: Case, mine: Sequence[Said]) -> Iterator[Reach]:
        """Each turn that calls for it, where the speaker says anything from there on."""
        for kind, evidence in self._called(case):
            near = [each.turn.index for each in mine if each.turn.index >= evidence.turn][: self.within_turns]
            if near:
                yield Reach(kind, evidence, evidence.turn, near[-1], to_s=_after(evidence.end_s, self.within_s))

    def _called(self, case: Case) -> list[tuple[str, Evidence]]:
        if isinstance(self.occasion, Heard):
            return [("phrase", each.evidence) for each in self.occasion.find(case)]
        return [(act.label, act.evidence) for act in one_a_turn(case.of(self.occasion))]

    def _where(self) -> str:
        """The reach in words, with a blank before it: ` in the first 2 turns`, ` within 30 s`."""
        turns = counted(self.within_turns, "turn") if self.within_turns else ""
        limit = " and ".join(each for each in (turns, f"{self.within_s:g} s" if self.within_s else "") if each)
        if self.occasion == WHOLE or not limit:
            return ""
        return {OPENING: f" in the first {limit}", CLOSE: f" in the last {limit}"}.get(
            str(self.occasion), f" within {limit}"
        )

    def _moment(self) -> str:
        """What makes a moment, in words."""
        if isinstance(self.occasion, Heard):
            return f"a turn in which {self.occasion.says()}"
        return f"a turn with {self.occasion.replace('_', ' ')}"

    def in_words(self) -> InWords:
        """What is looked for, where, and how often."""
        says, where = self.says(), self._where()
        says_it = says[:1].upper() + says[1:]
        applies = f"In every conversation in which the {self.speaker} speaks."
        if self._by_moments:
            applies = f"At {self._moment()}."
        if not self.wanted:
            often = counted(self.missed_count, "turn")
            partly = f"It happens, in fewer than {often}." if self.missed_count > 1 else ""
            return InWords(applies, f"It never happens{where} that {says}.", partly, f"It happens, in {often} or more.")
        if self._by_moments:
            met = f"{says_it},{where} in {_share('these moments', self.met_share)}."
            partly = f"In {_share('them', self.partly_share)}." if self.partly_share < self.met_share else ""
            return InWords(applies, met, partly, "In none." if partly and not self.partly_share else "In fewer.")
        met = f"{says_it}, at least {times(self.met_count)}{where}."
        partly = f"At least {times(self.partly_count)}." if self.partly_count < self.met_count else ""
        return InWords(applies, met, partly, "Not once." if self.partly_count == 1 else "Less often.")


def _share(noun: str, share: float) -> str:
    return share_of(share, noun) if share else f"one of {noun} or more"


def _after(moment_s: float | None, within_s: float | None) -> float:
    return math.inf if moment_s is None or within_s is None else moment_s + within_s
