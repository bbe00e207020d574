"""Comparisons, and the queries of people."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from qa.errors import QueryProblem
from qa.store.database import Connection
from qa.store.opening import one_line
from qa.store.types import By, Comparison, Result


def compare(con: Connection, by: By, *, teams: Collection[str] | None = None) -> tuple[Comparison, ...]:
    """The rows of `team_comparison` or `agent_comparison`, best first within what judged them alike."""
    cursor = con.execute(
        f"SELECT * FROM {by}_comparison WHERE $teams IS NULL OR team IN (SELECT unnest($teams)) "
        "ORDER BY rubric, rubric_version, scorer, model, mean DESC NULLS LAST, team",
        {"teams": None if teams is None else list(teams)},
    )
    names = [column[0] for column in cursor.description or ()]
    return tuple(Comparison(**dict(zip(names, line, strict=True))) for line in cursor.fetchall())


def select(con: Connection, query: str) -> Result:
    """The answer to exactly one SELECT; the connection's transaction is what keeps it from writing."""
    try:
        statements = con.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryProblem("only one SELECT can be asked; views such as team_comparison are a start")
        cursor = con.execute(statements[0])
        return Result(tuple(column[0] for column in cursor.description or ()), tuple(cursor.fetchall()))
    except duckdb.Error as error:
        raise QueryProblem(one_line(error)) from error
