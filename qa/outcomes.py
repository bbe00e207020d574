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
from zoneinfo import ZoneInfo

import msgspec

from qa import sheets
from qa.errors import MetadataProblem
from qa.metadata import UTC_ZONE, utc
from qa.sheets import Line

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
        return Row(place=place, problem=f"{place}: it names no call; fill in {' or '.join(KEYS)}")
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


def _value(kind: str, text: str) -> float:
    """A number, or yes as 1 and no as 0; raises ValueError."""
    if kind in YES_OR_NO:
        if text.lower() not in _SAID:
            raise ValueError(f"{text!r} is neither yes nor no; write one of {', '.join(_SAID)}")
        return _SAID[text.lower()]
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number; write it as 4 or 4.5")
    return float(text)
