"""What the tables of a rubric file are made of, and what a table says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

import msgspec

# What fits is said in words, for whoever wrote what does not (rubric/checking.py).
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0, description="it is a share from 0 to 1: 0.5 is 50 %")]
Points = Annotated[float, msgspec.Meta(gt=0.0, le=1e6, description="it is a number over 0, up to a million")]
Count = Annotated[int, msgspec.Meta(ge=0, description="it is a whole number, 0 or more")]
Some = Annotated[int, msgspec.Meta(ge=1, description="it is a whole number, 1 or more")]
Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=1e9, description="it is a number of seconds, 0 or more")]


class Wrong(NamedTuple):
    """What is wrong at a place in a table (`opens`, `phrases[1]`), and the cure."""

    path: str
    what: str
    cure: str


class InWords(NamedTuple):
    """A check as its reader is told of it, with its numbers put in: when it applies, and what each verdict means."""

    applies: str
    met: str
    partly: str
    missed: str


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the rubric file: a key that is not there is refused."""

    def wrong(self) -> Iterator[Wrong]:
        """What no type can see: values that are right each by itself and wrong together."""
        yield from ()


def not_over(table: Table, lesser: str, greater: str) -> Iterator[Wrong]:
    """A threshold that stands over another which it must not pass."""
    less, more = getattr(table, lesser), getattr(table, greater)
    if less > more:
        yield Wrong(lesser, f"{less:g} is over {greater}, {more:g}", f"make {lesser} at most as much as {greater}")


def counted(count: int, noun: str) -> str:
    """`1 turn`, `2 turns`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def times(count: int) -> str:
    """A number as people say it: once, twice, 3 times."""
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def share_of(share: float, noun: str) -> str:
    """`all of the moments`, `50 % of the moments or more`."""
    return f"all of {noun}" if share == 1.0 else f"{100 * share:g} % of {noun} or more"
