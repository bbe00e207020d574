"""What people may read in SQL of a store, decided here alone: the tables and views that a snapshot holds.

Only what is named here is ever copied, so that a table that a later step adds (keys, an audit, a secret) stays where
it is until somebody puts it here. A snapshot's contents are what a query can reach, whatever it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from qa.store import measures, outcomes, questions, views
from qa.store.database import Connection

CALLS = "calls"

OF_CALLS: Mapping[str, str] = {
    CALLS: "call_id",
    "transcripts": "transcript_id",
    "turns": "transcript_id",
    "speech": "transcript_id",
    "scorecards": "scorecard_id",
    "scores": "scorecard_id",
    "evidence": "scorecard_id",
    "occasions": "scorecard_id",
    "acts": "scorecard_id",
    "interruptions": "scorecard_id",
    "interruption_candidates": "scorecard_id",
    measures.TABLE.name: "scorecard_id",
    outcomes.TABLE.name: "call_id",
}
"""Tables whose rows belong to a call, each with the id by which those of one call are found: ids that count up are
found by block minima and maxima, without reading the table."""

KEYS: Mapping[str, str] = {"transcript_id": "transcripts", "scorecard_id": "scorecards"}
"""The tables that say which of these ids are a call's."""

SHARED: Mapping[str, str] = {
    # A team's reader sees the rubrics that judged the team's calls.
    "rubrics": "rubric_version IN (SELECT rubric_version FROM {wanted})",
    "accuracy": "true",
    "rule_accuracy": "true",
    "floors": "true",
    "t_quantiles": "true",
}
"""Tables that belong to no call, with the rows that go into a snapshot of some teams; `wanted` are its scorecards."""

VIEWS: tuple[str, ...] = tuple(
    dict.fromkeys(view.name for view in (*views.VIEWS, *measures.VIEWS, *questions.VIEWS, *outcomes.VIEWS))
)

WITHHELD: Mapping[str, str] = {
    "jobs": "how the queue works inside; its errors may name files of the machine",
    "audit": "who did what: for who runs the service, and of people who asked, not of calls",
    "erasures": "receipts, for who runs the service",
    "keys": "who may ask, with the hashes of their secrets",
    "webhook_addresses": "addresses may hold secrets",
    "webhook_deliveries": "addresses may hold secrets; GET /api/webhooks lists them without",
    "migrations": "how the store came to its shape",
}
"""Tables that are kept back, each with the reason. A table of the store stands in one of the three lists: a test."""

WITHHELD_COLUMNS: Mapping[str, frozenset[str]] = {CALLS: frozenset({"job_id"})}
"""Columns that are kept back: they lead to tables that are."""

TABLES = (*OF_CALLS, *SHARED)


class Column(NamedTuple):
    """A column as a catalog has it."""

    name: str
    type: str
    comment: str | None


class Shape(NamedTuple):
    """The readable tables of a database, each with its comment and columns, and its views with comment and SQL."""

    tables: tuple[tuple[str, str | None, tuple[Column, ...]], ...]
    views: tuple[tuple[str, str | None, str, tuple[Column, ...]], ...]

    @property
    def version(self) -> str:
        """A hash of all of it: snapshots of another shape are made anew."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    def columns(self, table: str) -> str:
        """The names of a table's readable columns, as SQL."""
        (found,) = (columns for name, _, columns in self.tables if name == table)
        return ", ".join(quoted(column.name) for column in found)


def shape(con: Connection, database: str) -> Shape:
    """The readable part of an attached database, as its catalog has it."""
    comments = dict(
        con.execute(
            "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = $database "
            "UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE database_name = $database AND NOT internal",
            {"database": database},
        ).fetchall()
    )
    columns: dict[str, list[Column]] = {}
    for table, *column in con.execute(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
        "WHERE database_name = ? AND NOT internal ORDER BY table_name, column_index",
        [database],
    ).fetchall():
        if column[0] not in WITHHELD_COLUMNS.get(table, ()):
            columns.setdefault(table, []).append(Column(*column))
    queries = dict(
        con.execute(
            "SELECT view_name, sql FROM duckdb_views() WHERE database_name = ? AND NOT internal", [database]
        ).fetchall()
    )
    return Shape(
        tuple((name, comments[name], tuple(columns[name])) for name in TABLES),
        tuple((name, comments[name], queries[name], tuple(columns[name])) for name in VIEWS),
    )


def making(shape: Shape, source: str, target: str) -> Iterator[str]:
    """The SQL that makes the readable tables in `target`, empty and without keys, after those of `source`."""
    for table, comment, columns in shape.tables:
        yield (
            f"CREATE TABLE {target}.main.{table} AS SELECT {shape.columns(table)} FROM {source}.main.{table} LIMIT 0"
        )
        yield from _comments("TABLE", f"{target}.main.{table}", comment, columns)


def making_views(shape: Shape, target: str) -> Iterator[str]:
    """The SQL that makes the views; `target` must be the database in use, for a view means the tables beside it."""
    for view, comment, query, columns in shape.views:
        yield query
        yield from _comments("VIEW", f"{target}.main.{view}", comment, columns)


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL, where none can be bound."""
    return "'" + text.replace("'", "''") + "'"


def _comments(kind: str, name: str, comment: str | None, columns: tuple[Column, ...]) -> Iterator[str]:
    if comment is not None:
        yield f"COMMENT ON {kind} {name} IS {literal(comment)}"
    for column in columns:
        if column.comment is not None:
            yield f"COMMENT ON COLUMN {name}.{quoted(column.name)} IS {literal(column.comment)}"
