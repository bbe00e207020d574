"""Conversations written for one criterion each, with the verdict that it must give and what must prove it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rubric.types import Verdict
from tests.rubric.talk import read
from transcription.types import Medium, TimesFrom, Transcript

FILES = sorted((Path(__file__).parent / "verdicts").glob("*.toml"))

NOBODY = -1


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation and what is to be said of it.

    name        what happens in it
    verdict     the verdict
    reason      words of the reason
    shows       the evidence, one for each turn that proves the verdict: the turn, words of the quote, how the rule's
                name begins
    occasions   moments that called for it: the turn, the kind, the turn that answered (-1: none did)
    talk        the conversation
    medium      where it was held
    times       what its times may be used for, where it is not a call with times or something written without
    """

    name: str
    verdict: Verdict
    reason: str
    shows: tuple[tuple[int, str, str], ...]
    occasions: tuple[tuple[int, str, int], ...]
    talk: str
    medium: Medium = "voice"
    times: TimesFrom | None = None

    @property
    def transcript(self) -> Transcript:
        made = read(self.talk, self.medium)
        return msgspec.structs.replace(made, times_from=self.times) if self.times else made


class Cases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file: the cases of a criterion."""

    criterion: str
    case: tuple[Case, ...]


def cases() -> list[tuple[str, Case]]:
    """Every case with its criterion."""
    made = [msgspec.toml.decode(path.read_bytes(), type=Cases) for path in FILES]
    return [(each.criterion, case) for each in made for case in each.case]
