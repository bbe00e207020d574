"""The published agreement with readers, in tables, so that a question in SQL can weigh what it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from qa.store import schema
from qa.store.schema import Table
from rubric import accuracy
from rubric.accuracy import Accuracy

_FIGURES = ("n", "positives", "precision", "recall", "f1", "kappa", "low", "high", "not_scorable")

TABLES = (
    Table(
        "accuracy",
        "One row an act or criterion and what it was measured on: how well it agrees with readers. It comes with the "
        "program, and is replaced when a store is opened for writing by a program that was measured anew.",
        """
    source VARCHAR NOT NULL         | What it was measured on, in words.
    readers VARCHAR NOT NULL        | Who read the same turns.
    kind VARCHAR NOT NULL           | act (over turns) or criterion (verdicts, over conversations).
    label VARCHAR NOT NULL          | The act or the criterion.
    n INTEGER NOT NULL              | How many turns, or conversations.
    positives INTEGER               | Of how many turns readers say so; NULL for a criterion.
    precision DOUBLE                | Of the turns where it was found, the share where readers say so, 0 to 1.
    recall DOUBLE                   | Of the turns where readers say so, the share where it was found, 0 to 1.
    f1 DOUBLE                       | The harmonic mean of both.
    kappa DOUBLE                    | Cohen's kappa: agreement beyond chance, at most 1.
    low DOUBLE                      | Where the 95 % interval begins.
    high DOUBLE                     | Where it ends.
    interval_of VARCHAR NOT NULL    | What the interval is of: kappa or f1.
    not_scorable INTEGER            | Verdicts that were not scorable, which count as disagreements; NULL for an act.
    scorer VARCHAR NOT NULL         | The scorer version that it was measured with.
    measured_on DATE NOT NULL       | When.
    """,
    ),
    Table(
        "rule_accuracy",
        "One row a rule and what it was measured on: how often it was the evidence of an act, and how often rightly.",
        """
    source VARCHAR NOT NULL         | What it was measured on, in words.
    label VARCHAR NOT NULL          | The act.
    rule VARCHAR NOT NULL           | The rule, as evidence names it.
    found INTEGER NOT NULL          | In how many turns it was the evidence of the act.
    correct INTEGER NOT NULL        | In how many of these readers see the act.
    scorer VARCHAR NOT NULL         | The scorer version that it was measured with.
    measured_on DATE NOT NULL       | When.
    """,
    ),
)


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables: a step of the store's history."""
    for table in TABLES:
        for statement in schema.making(table):
            con.execute(statement)


def refresh(con: duckdb.DuckDBPyConnection) -> None:
    """Put the program's figures where others stand; within a transaction of the caller's."""
    measured = accuracy.measured()
    for table, rows in (("accuracy", [*_figures(measured)]), ("rule_accuracy", [*_rules(measured)])):
        if con.execute(f"SELECT * FROM {table}").fetchall() != rows:
            con.execute(f"DELETE FROM {table}")
            _insert(con, table, rows)


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        places = f"({', '.join('?' * len(rows[0]))})"
        values = [value for row in rows for value in row]
        con.execute(f"INSERT INTO {table} VALUES {', '.join([places] * len(rows))}", values)


def _figures(measured: Accuracy) -> Iterator[tuple[Any, ...]]:
    for source in measured.sources:
        for kind, labels in (("act", source.acts), ("criterion", source.criteria)):
            for label, one in labels.items():
                *figures, unknown = (getattr(one, name) for name in _FIGURES)
                at = (source.interval_of, unknown, measured.scorer, measured.measured_on)
                yield (source.name, source.readers, kind, label, *figures, *at)


def _rules(measured: Accuracy) -> Iterator[tuple[Any, ...]]:
    for source in measured.sources:
        for label, rules in source.rules.items():
            for rule, one in rules.items():
                yield (source.name, label, rule, one.found, one.correct, measured.scorer, measured.measured_on)
