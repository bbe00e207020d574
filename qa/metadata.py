"""What is said about a call from outside: who, which team, when. One set of names everywhere.

CSV columns, form fields, options of the command line and Python all go through `parse`, so that the same slip gets
the same answer. In a CSV the columns `recording`, `team` and `agent` must be there; their cells may be empty but for
`recording`. An empty cell, field or option is the same as none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from qa import sheets
from qa.errors import MetadataProblem
from qa.sheets import Line
from transcription.types import Medium

Channel = Literal["left", "right"]
Direction = Literal["inbound", "outbound"]

HEADER = "X-Call-Metadata"
"""Where what is said of a recording stands, as JSON, when the body of a request is the recording itself."""

UNASSIGNED = "unassigned"
REQUIRED_COLUMNS = ("recording", "team", "agent")
MAX_LENGTH = 500
MAX_EXTRA_BYTES = 4096
UTC_ZONE = ZoneInfo("UTC")


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a call beside its sound. None is "not said", which is not the same as a default.

    `recording` is the name it came with; `contact_id` is the phone system's own number, unique in the team;
    `agent_channel` None leaves the channel to the setting, and open to doubt; `started_at` is in UTC. `language` is an
    ISO 639-1 code, which is believed before what is heard. `extra` is whatever else the centre wants to keep and to ask
    for in SQL: a JSON object.
    """

    recording: str | None = None
    team: str = UNASSIGNED
    agent: str | None = None
    contact_id: str | None = None
    agent_channel: Channel | None = None
    started_at: datetime | None = None
    queue: str | None = None
    customer_ref: str | None = None
    medium: Medium | None = None
    direction: Direction | None = None
    language: str | None = None
    extra: dict[str, Any] | None = None


NAMES = Metadata.__struct_fields__
_ALLOWED = {"agent_channel": Channel, "direction": Direction, "medium": Medium}


class Row(msgspec.Struct, frozen=True):
    """One row of a metadata CSV: its line in the file, and its metadata or what is wrong with it."""

    line: int
    recording: str
    metadata: Metadata | None
    problem: str | None = None


class Match(msgspec.Struct, frozen=True):
    """A file to score with what is known of it, or (`problem`) a row or a file that cannot be scored."""

    path: Path
    metadata: Metadata | None
    problem: str | None = None


def parse(fields: Mapping[str, str | None], *, zone: ZoneInfo = UTC_ZONE, place: str = "") -> Metadata:
    """Metadata from texts by their names; `place` opens each error, as in `calls.csv, line 3, column `.

    Raises MetadataProblem for a name that is unknown (with the nearest one) or a value that is not possible.
    """
    values: dict[str, object] = {}
    for name, text in fields.items():
        if name not in NAMES:
            raise MetadataProblem(f"{place}{name}: not a name of metadata; {sheets.nearest(name, NAMES)}")
        if text is None or not text.strip():
            continue
        try:
            values[name] = _value(name, text.strip(), zone)
        except ValueError as error:
            raise MetadataProblem(f"{place}{name}: {error}") from error
    return msgspec.convert(values, Metadata)


def from_json(data: bytes | str, *, place: str = "") -> dict[str, str | None]:
    """The texts by their names in a JSON object, for `parse`; null is kept, `extra` may be an object.

    Raises MetadataProblem where it is none.
    """
    try:
        given = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MetadataProblem(f"{place}not a JSON object of metadata ({error})") from error
    texts: dict[str, str | None] = {}
    for name, value in given.items():
        if name == "extra" and isinstance(value, dict):
            texts[name] = msgspec.json.encode(value).decode()
        elif value is None or isinstance(value, str):
            texts[name] = value
        else:
            raise MetadataProblem(f"{place}{name}: it is a text in quotes, or null")
    return texts


def _value(name: str, text: str, zone: ZoneInfo) -> str | datetime | dict[str, Any]:
    if name == "extra":
        return _object(text)
    if len(text) > MAX_LENGTH:
        raise ValueError(f"{len(text)} characters are too many; the limit is {MAX_LENGTH}")
    if not text.isprintable():
        raise ValueError(f"{text!r} has line breaks or control characters; take them out")
    if name in _ALLOWED:
        return _one_of(text, get_args(_ALLOWED[name]))
    if name == "language":
        return _language(text)
    return utc(text, zone=zone) if name == "started_at" else text


def _object(text: str) -> dict[str, Any]:
    if len(text.encode()) > MAX_EXTRA_BYTES:
        raise ValueError(f"{len(text.encode())} bytes are too many; the limit is {MAX_EXTRA_BYTES}")
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f'it is not a JSON object, such as {{"campaign": "spring"}} ({error})') from error


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise ValueError(f"{text!r} is not a code of a language, such as en or pt-BR")
    return text


def _one_of(text: str, allowed: Sequence[str]) -> str:
    if text not in allowed:
        raise ValueError(f"{text!r} is not one of {', '.join(allowed)}")
    return text


def utc(text: str, *, zone: ZoneInfo) -> datetime:
    """The moment that an ISO 8601 text names, in UTC; without an offset it is a local time of `zone`.

    A local time that the clock shows twice, when summer time ends, is taken as the first of the two.
    Raises ValueError.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or not any(mark in text for mark in "T "):  # a bare date would make the time of day up
        raise ValueError(f"{text!r} is not a date and time in ISO 8601, such as 2026-03-01T14:05:00+01:00")
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        local = moment.replace(tzinfo=zone).astimezone(UTC)
        skipped = local.astimezone(zone).replace(tzinfo=None) != moment
    except OverflowError as error:  # in UTC it is before the year 1 or after the year 9999
        raise ValueError(f"{text} is outside of the years 1 to 9999 in UTC; correct the year") from error
    if skipped:
        raise ValueError(f"{text} was skipped by the clocks of {zone.key}; give the offset")
    return local


def read_csv(path: Path, *, zone: ZoneInfo = UTC_ZONE) -> tuple[Row, ...]:
    """The rows of a metadata CSV (UTF-8; separated by commas, or by semicolons as some spreadsheets write it).

    Raises MetadataProblem when the file or its columns are wrong; a row with a bad value keeps its own problem, so
    that the others can go on.
    """
    lines = sheets.read(path, names=NAMES, of="metadata", required=REQUIRED_COLUMNS)
    return tuple(_row(line, path=path, zone=zone) for line in lines)


def _row(line: Line, *, path: Path, zone: ZoneInfo) -> Row:
    place = f"{path}, line {line.line}, column "
    recording = (line.cells.get("recording") or "").strip()
    if line.problem is not None:
        return Row(line.line, recording, None, line.problem)
    if not recording:
        return Row(line.line, recording, None, f"{place}recording: it is empty; name the file")
    try:
        return Row(line.line, recording, parse(line.cells, zone=zone, place=place))
    except MetadataProblem as error:
        return Row(line.line, recording, None, str(error))


def match(rows: Iterable[Row], files: Sequence[Path], *, csv_path: Path, asked: bool = True) -> tuple[Match, ...]:
    """Each file with its row, then each row and each file that has no other half, named with what is wrong.

    A row's recording is a path from the CSV's folder, or a bare file name among `files`. With `asked` only `files`
    are wanted, and a row of a file that exists elsewhere is left alone; without, every row is wanted.
    """
    wanted = {file.resolve(): file for file in files}
    by_name: dict[str, list[Path]] = {}
    for file in files:
        by_name.setdefault(file.name, []).append(file)
    found: dict[Path, int] = {}
    matches: list[Match] = []
    for row in rows:
        path, problem = _file_of(row, csv_path, by_name)
        if path is None:
            matches.append(Match(Path(row.recording), None, row.problem or problem))
            continue
        known = path.resolve()
        if asked and known not in wanted:
            continue
        if known in found:
            problem = f"{csv_path}, line {row.line}: {row.recording} has a row already, line {found[known]}; keep one"
            matches.append(Match(path, None, problem))
            continue
        found[known] = row.line
        matches.append(Match(wanted.get(known, path), row.metadata, row.problem))
    matches.extend(
        Match(file, None, f"{file} has no row in {csv_path}; add one")
        for known, file in wanted.items()
        if known not in found
    )
    return tuple(matches)


def _file_of(row: Row, csv_path: Path, by_name: Mapping[str, Sequence[Path]]) -> tuple[Path | None, str | None]:
    place = f"{csv_path}, line {row.line}"
    if not row.recording:
        return None, None
    path = csv_path.parent / row.recording
    if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a name is too long for the file system
        return path, None
    same = by_name.get(row.recording, ())
    if len(same) > 1:
        return None, f"{place}: {len(same)} files are called {row.recording}; give its path from the CSV's folder"
    return (same[0], None) if same else (None, f"{place}: no file {row.recording}; correct the name or add the file")
