"""What became of a call, from outside: what the customer said in a survey, whether they called again, or left.

A CSV names each call by `call_id`, or by `contact_id` (and `team`, where several teams have that number), and says
what is known: `csat`, a number on the centre's own scale; `repeat_contact` and `churned`, yes or no; and `when` it was
known. An empty cell says nothing, which is not the same as no.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from qa import sheets
from qa.errors import MetadataProblem
from qa.metadata import UTC_ZONE, utc
from qa.sheets import Line

AT_ONCE = 20_000
"""So many are sent to a server in one request; a store takes any number."""

KEYS = ("call_id", "contact_id")
NUMBERS = ("csat",)
YES_OR_NO = ("repeat_contact", "churned")
KINDS = (*NUMBERS, *YES_OR_NO)
NAMES = (*KEYS, "team", *KINDS, "when")

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_SAID = {"yes": 1.0, "true": 1.0, "1": 1.0, "no": 0.0, "false": 0.0, "0": 0.0}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row: where it stands, which call it means, and what it says, or what is wrong with it.

    `values` holds what is said by its kind, yes as 1 and no as 0; `at` is when it was known, in UTC, None where that
    is not said.
    """

    place: str
    call_id: str | None = None
    contact_id: str | None = None
    team: str | None = None
    values: dict[str, float] = {}
    at: datetime | None = None
    problem: str | None = None


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What became of one call, as JSON; what is null or left out is not known.

    `when` it was known is in ISO 8601. `place` is what a problem with it begins with, else its number.
    """

    place: Annotated[str, Meta(max_length=500)] | None = None
    call_id: str | None = None
    contact_id: str | None = None
    team: str | None = None
    csat: float | None = None
    repeat_contact: bool | None = None
    churned: bool | None = None
    when: str | None = None

    @classmethod
    def of(cls, row: Row) -> Statement:
        """The row in this form; it has no problem."""
        values: dict[str, Any] = {
            name: bool(value) if name in YES_OR_NO else value for name, value in row.values.items()
        }
        named = {name: getattr(row, name) for name in ("place", *KEYS, "team")}
        return cls(**named, **values, when=None if row.at is None else row.at.isoformat())

    def row(self, number: int, *, zone: ZoneInfo) -> Row:
        """The row that it is, with what is wrong with it; a time without an offset is a local time of `zone`."""
        row = Row(
            place=self.place or f"outcome {number}",
            call_id=self.call_id,
            contact_id=self.contact_id,
            team=self.team,
            values={name: float(value) for name in KINDS if (value := getattr(self, name)) is not None},
        )
        if self.call_id is None and self.contact_id is None:
            return msgspec.structs.replace(row, problem=_names_no_call(row.place))
        try:
            return msgspec.structs.replace(row, at=self.when and utc(self.when, zone=zone))
        except ValueError as error:
            return msgspec.structs.replace(row, problem=f"{row.place}, when: {error}")


class Imported(msgspec.Struct, frozen=True):
    """What became of the rows: values that are new, replaced one, or changed nothing, and what is wrong with others.

    A value changes nothing where it is the one that is kept, or where one is kept that was known later.
    """

    new: int
    replaced: int
    unchanged: int
    problems: tuple[str, ...]


def read_csv(path: Path, *, zone: ZoneInfo = UTC_ZONE) -> tuple[Row, ...]:
    """The rows of a CSV of outcomes; times without an offset are local times of `zone`.

    Raises MetadataProblem where the file or its columns are wrong; a row with a bad value keeps its own problem.
    """
    lines = sheets.read(path, names=NAMES, of="outcomes")
    return tuple(_row(line, path, zone) for line in _checked(lines, path))


def _checked(lines: Sequence[Line], path: Path) -> Sequence[Line]:
    """The lines of a file that can say something."""
    columns = lines[0].cells if lines else {}
    for names, why in ((KEYS, "which call it is"), (KINDS, "what became of it")):
        if columns and not any(name in columns for name in names):
            raise MetadataProblem(f"{path}, line 1: no column says {why}; add {' or '.join(names)}")
    return lines


def _row(line: Line, path: Path, zone: ZoneInfo) -> Row:
    place = f"{path}, line {line.line}"
    if line.problem is not None:
        return Row(place=place, problem=line.problem)
    cells = {name: text.strip() for name, text in line.cells.items() if text is not None and text.strip()}
    if not any(name in cells for name in KEYS):
        return Row(place=place, problem=_names_no_call(place))
    values: dict[str, float] = {}
    at: datetime | None = None
    for name, text in cells.items():
        try:
            if name in KINDS:
                values[name] = _value(name, text)
            elif name == "when":
                at = utc(text, zone=zone)
        except ValueError as error:
            return Row(place=place, problem=f"{place}, column {name}: {error}")
    return Row(
        place=place,
        call_id=cells.get("call_id"),
        contact_id=cells.get("contact_id"),
        team=cells.get("team"),
        values=values,
        at=at,
    )


def _names_no_call(place: str) -> str:
    return f"{place}: it names no call; fill in {' or '.join(KEYS)}"


def _value(kind: str, text: str) -> float:
    """A number, or yes as 1 and no as 0; raises ValueError."""
    if kind in YES_OR_NO:
        if text.lower() not in _SAID:
            raise ValueError(f"{text!r} is neither yes nor no; write one of {', '.join(_SAID)}")
        return _SAID[text.lower()]
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number; write it as 4 or 4.5")
    return float(text)
