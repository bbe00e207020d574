"""The history of the store as numbered, named steps, each in a transaction with its own record.

A store knows which steps made it. Opening it for writing runs those that are missing; a store that knows a step which
this program does not is from a newer version and is left alone. Released steps are never changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb

from qa.errors import StoreProblem
from qa.store import (
    accuracy,
    audit,
    erasures,
    jobs,
    measures,
    outcomes,
    quantiles,
    questions,
    revisions,
    schema,
    service,
    views,
    webhooks,
)


class Step(NamedTuple):
    """One change of the store's shape. Its number is its place in STEPS, from 1."""

    name: str
    run: Callable[[duckdb.DuckDBPyConnection], None]


def _tables(con: duckdb.DuckDBPyConnection) -> None:
    for statement in schema.statements():
        con.execute(statement)
    con.executemany(
        "INSERT INTO t_quantiles VALUES (?, ?)",
        [(df, quantiles.t_975(df)) for df in range(1, quantiles.TABLE_SIZE + 1)],
    )


def _views(con: duckdb.DuckDBPyConnection) -> None:
    for statement in views.statements():
        con.execute(statement)


STEPS = (
    Step("tables", _tables),
    Step("views", _views),
    Step("accuracy", accuracy.create),
    Step("measures", measures.create),
    Step("service", service.create),
    Step("revisions", revisions.create),
    Step("questions", questions.create),
    Step("outcomes", outcomes.create),
    Step("erasures", erasures.create),
    Step("webhooks", webhooks.create),
    Step("audit entries", audit.create),
    Step("jobs without clocks", jobs.without_clocks),
    Step("receipts by team", erasures.with_team),
)


def pending(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[Step, ...]:
    """The steps that the store lacks; raises StoreProblem where it is of a newer version or no store of ours."""
    tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables:
        return STEPS
    if "migrations" not in tables:
        raise StoreProblem(f"{path} is a DuckDB file but not a store of calls; name another file with --store")
    done = con.execute("SELECT step, name FROM migrations ORDER BY step").fetchall()
    for step, name in done:
        if step > len(STEPS) or STEPS[step - 1].name != name:
            raise StoreProblem(
                f"the store {path} is from a newer version (it has step {step}, {name!r}; this version knows "
                f"{len(STEPS)}); update empathy-qa, or name another file with --store"
            )
    return STEPS[len(done) :]


def migrate(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Run the steps that the store lacks, each whole or not at all."""
    missing = pending(con, path)
    for number, step in enumerate(STEPS[len(STEPS) - len(missing) :], start=len(STEPS) - len(missing) + 1):
        con.begin()
        try:
            if number == 1:
                for statement in _record_statements():
                    con.execute(statement)
            step.run(con)
            con.execute("INSERT INTO migrations VALUES (?, ?, now())", [number, step.name])
        except BaseException:
            con.rollback()
            raise
        con.commit()


def _record_statements() -> list[str]:
    return [
        "CREATE TABLE migrations (step INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)",
        schema.comment_on("TABLE", "migrations", "One row a step of the store's history that has been run."),
        schema.comment_on("COLUMN", "migrations.step", "The step's number, from 1."),
        schema.comment_on("COLUMN", "migrations.name", "The step's name."),
        schema.comment_on("COLUMN", "migrations.applied_at", "When it was run (UTC)."),
    ]
