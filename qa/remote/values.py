"""Answers to SQL as they come in JSON, made into the values that DuckDB itself gives to Python."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec

_KINDS: dict[str, type] = {
    "TIMESTAMP": dt.datetime, "DATE": dt.date, "TIME": dt.time, "INTERVAL": dt.timedelta,
    "BLOB": bytes,
}  # fmt: skip
"""What a type that JSON has no form for begins with, and what it is in Python."""


class Column(msgspec.Struct, frozen=True):
    """A column with its DuckDB type."""

    name: str
    type: str


class Rows(msgspec.Struct, frozen=True):
    """An answer of `POST /api/sql`; fractions are read as they are written, to the last digit."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool
    data_as_of: dt.datetime


def decode(body: bytes) -> Rows:
    """The answer; raises msgspec.DecodeError."""
    found = _DECODER.decode(body)
    types = [column.type for column in found.columns]
    rows = tuple(tuple(_value(*each) for each in zip(row, types, strict=True)) for row in found.rows)
    return msgspec.structs.replace(found, rows=rows)


_DECODER = msgspec.json.Decoder(Rows, float_hook=Decimal)


def _value(value: Any, type_: str) -> Any:
    """A value of a column; what is within lists and structures keeps JSON's form, but for fractions."""
    if type_.startswith("DECIMAL") and type_.endswith(")") and isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, str):
        kind = next((kind for name, kind in _KINDS.items() if type_.partition("(")[0].startswith(name)), None)
        try:
            return value if kind is None or type_.endswith("]") else msgspec.convert(value, kind)
        except msgspec.ValidationError:  # infinity
            return value
    return value if "DECIMAL" in type_ else _with_floats(value)


def _with_floats(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case list():
            return [_with_floats(each) for each in value]
        case dict():
            return {key: _with_floats(each) for key, each in value.items()}
        case _:
            return value
