"""CSV files as people export them: UTF-8, separated by commas, or by semicolons as some spreadsheets write it."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from qa.errors import MetadataProblem

Cells = dict[str, str | None]


class Line(msgspec.Struct, frozen=True):
    """One row: its line in the file, its cells by column, and what is wrong with its form, if anything."""

    line: int
    cells: Cells
    problem: str | None = None


def read(path: Path, *, names: Sequence[str], of: str, required: Sequence[str] = ()) -> tuple[Line, ...]:
    """The rows of a CSV whose columns are all among `names`, with the `required` ones; `of` says whose names they are.

    Raises MetadataProblem where the file or its columns are wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MetadataProblem(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MetadataProblem(f"{path} is not a CSV file in UTF-8; export it as CSV UTF-8") from error
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first and "," not in first else ",")
    try:
        columns = [column.strip() for column in reader.fieldnames or ()]
        reader.fieldnames = columns
        _check_columns(columns, path, names, of)
        _check_required(columns, path, required)
        return tuple(_lines(reader, path))
    except csv.Error as error:
        raise MetadataProblem(f"{path}, line {reader.line_num}: {error}") from error


def _check_columns(columns: Sequence[str], path: Path, names: Sequence[str], of: str) -> None:
    for column in columns:
        if column not in names:
            raise MetadataProblem(f"{path}, line 1, column {column!r}: not a name of {of}; {nearest(column, names)}")
        if columns.count(column) > 1:
            raise MetadataProblem(f"{path}, line 1: column {column} stands there twice; keep one")


def _check_required(columns: Sequence[str], path: Path, required: Sequence[str]) -> None:
    missing = [column for column in required if column not in columns]
    if missing:
        listed = f"{', '.join(required[:-1])} and {required[-1]}"
        raise MetadataProblem(f"{path}, line 1: column {' and '.join(missing)} is missing; {listed} are required")


def _lines(reader: csv.DictReader[str], path: Path) -> Iterator[Line]:
    for cells in reader:
        surplus = cells.pop(None, None)  # where DictReader puts cells beyond the columns
        problem = f"{path}, line {reader.line_num}: more cells than columns; put a cell that holds a comma into quotes"
        yield Line(reader.line_num, {**cells}, None if surplus is None else problem)


def nearest(name: str, names: Sequence[str]) -> str:
    """What a name that is none of `names` may have been meant to be."""
    near = difflib.get_close_matches(name.strip().lower().replace(" ", "_"), names, n=1)
    return f"did you mean {near[0]}?" if near else f"the names are {', '.join(names)}"
