"""A snapshot to take away: one file with what may be read of a store (`qa.store.readable`), for other programs.

`.duckdb` is in the form of DuckDB 1.0.0, without keys, which every later version opens too. `.parquet.zip` has each
table as a Parquet file, with a README of their columns. The file is written under another name, flushed, and given its
own at the end.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from qa.errors import StoreProblem
from qa.store import copying, readable, room
from qa.store.database import Connection, first
from qa.store.readable import Column, literal, quoted
from transcription.disk import sync_folder

STORAGE = "v1.0.0"
DUCKDB, PARQUET = ".duckdb", ".parquet.zip"


def write(con: Connection, target: Path) -> None:
    """Write the file; raises StoreProblem, and duckdb.Error where DuckDB cannot."""
    make = _duckdb if ending(target) == DUCKDB else _parquet
    put(target, lambda folder: make(con, folder))


def ending(target: Path) -> str:
    """What the name ends with, which says the form; raises StoreProblem where it ends otherwise."""
    found = next((each for each in (DUCKDB, PARQUET) if target.name.endswith(each)), None)
    if found is None:
        raise StoreProblem(f"{target.name}: a snapshot is FILE{DUCKDB} or FILE{PARQUET}; name it so")
    return found


def put(target: Path, make: Callable[[Path], Path]) -> None:
    """Give the file that `make` writes into a folder its name, once it is whole; raises StoreProblem."""
    if target.exists():
        raise StoreProblem(f"{target} is there already; name another file, or remove it first")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as folder:
            made = make(Path(folder))
            with made.open("rb") as file:
                os.fsync(file.fileno())
            made.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise room.unwritten(error, what=f"cannot write the snapshot {target}") from error


def _duckdb(con: Connection, folder: Path) -> Path:
    path = folder / f"snapshot{DUCKDB}"
    copying.build(con, path, source=_source(con), storage=STORAGE)
    return path


def _parquet(con: Connection, folder: Path) -> Path:
    path = folder / f"snapshot{PARQUET}"
    source = _source(con)
    shape = readable.shape(con, source)
    about = ["# What is in here\n", "Each table of the store is a Parquet file; what is not known is NULL, never 0.\n"]
    con.begin()  # all tables of one state
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:  # Parquet is compressed in itself
            for table, comment, columns in shape.tables:
                part = folder / f"{table}.parquet"
                con.execute(
                    f"COPY (SELECT {shape.columns(table)} FROM {quoted(source)}.main.{table}) "
                    f"TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd)"
                )
                packed.write(part, part.name)
                part.unlink()
                about.append(_described(table, comment, columns))
            packed.writestr("README.md", "\n".join(about))
    finally:
        con.rollback()
    return path


def _described(table: str, comment: str | None, columns: tuple[Column, ...]) -> str:
    rows = [f"| `{name}` | {type_} | {(text or '').replace('|', chr(92) + '|')} |" for name, type_, text in columns]
    head = f"## `{table}.parquet`\n\n{comment or ''}\n\n| column | type | what it is |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _source(con: Connection) -> str:
    found = first(con, "SELECT current_database()")
    assert found is not None
    return str(found[0])
