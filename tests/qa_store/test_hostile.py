"""Whoever may ask in SQL can read what a snapshot holds, and do nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

import rubric as rubrics
from qa.errors import QueryProblem
from qa.metadata import Metadata
from qa.store import Store
from qa.store.reader import Answer, Limits, answer
from tests.qa_store.examples import scored
from tests.qa_store.hostile import BOUNDED, HARMLESS, REFUSED

LIMITS = Limits(time_s=1.5, memory_bytes=1 << 30, scratch_bytes=64 << 20, max_rows=1000, max_bytes=1 << 20)

MARK = "m4rk"
"""In every place that a query must not reach: a file, the environment, the queue, another team's calls."""


class Target(NamedTuple):
    """A store with something to hide, the folder that it is in, and its files as they were."""

    store: Store
    folder: Path
    files: dict[str, str]

    def ask(self, sql: str) -> Answer:
        return answer(self.store.snapshots, self.filled(sql), limits=LIMITS, teams=["North"])

    def filled(self, sql: str) -> str:
        return (
            sql.replace("{secret}", str(self.folder / "secret.csv"))
            .replace("{out}", str(self.folder / "out"))
            .replace("{store}", str(self.store.path))
        )


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "secret.csv").write_text(f"{MARK}\n")
    rubric = rubrics.load()
    os.environ["QA_TEST_MARK"] = MARK
    with Store.open(folder / "qa.duckdb") as store:
        store.save_all(
            [
                scored(rubric, recording="ours.wav", team="North", agent="Ann"),
                scored(rubric, recording=f"{MARK}.wav", team=f"South {MARK}", agent=MARK, contact_id=MARK),
            ]
        )
        job = store.accept(sha256="ab" * 32, metadata=Metadata(recording="later.wav", team="North"))
        store.claim()
        store.finish(job.job_id, error=MARK)
        answer(store.snapshots, "SELECT 1", teams=["North"])
        yield Target(store, folder, _files(folder))
    del os.environ["QA_TEST_MARK"]


def _files(folder: Path) -> dict[str, str]:
    """Every file below the folder, by the hash of its bytes; the store's own is held and compared by its contents."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("qa.duckdb"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _nothing_came_of_it(target: Target, found: Answer | None) -> None:
    assert _files(target.folder) == target.files
    if found is not None:
        assert MARK.encode() not in found.body
        assert str(target.folder).encode() not in found.body


def test_there_are_as_many_as_were_asked_for() -> None:
    assert len({*REFUSED, *HARMLESS, *BOUNDED}) == len(REFUSED) + len(HARMLESS) + len(BOUNDED) >= 90


@pytest.mark.parametrize("sql", REFUSED)
def test_what_is_no_question_is_refused(target: Target, sql: str) -> None:
    """One line says why, and neither a file nor a row is another than before."""
    with pytest.raises(QueryProblem) as refused:
        target.ask(sql)
    assert "\n" not in str(refused.value)
    assert MARK not in str(refused.value)
    _nothing_came_of_it(target, None)


@pytest.mark.parametrize("sql", HARMLESS)
def test_what_looks_like_more_than_it_is_comes_to_nothing(target: Target, sql: str) -> None:
    found = None
    try:
        found = target.ask(sql)
    except QueryProblem as problem:
        said = str(problem)
    else:
        said = ""
    assert MARK not in said
    _nothing_came_of_it(target, found)


@pytest.mark.parametrize("sql", BOUNDED, ids=lambda sql: sql[:60])
def test_what_asks_for_too_much_is_stopped(target: Target, sql: str) -> None:
    """By one of the limits, or by DuckDB's own; the process is gone, and what it wrote too."""
    with pytest.raises(QueryProblem) as stopped:
        target.ask(sql)
    assert "\n" not in str(stopped.value)
    _nothing_came_of_it(target, None)


def test_every_table_and_view_shows_one_team_alone(target: Target) -> None:
    """Nothing of another team's calls is in any relation of the file, nor anywhere in its bytes."""
    with target.store.snapshots.reading(["North"]) as snapshot:
        assert MARK.encode() not in snapshot.path.read_bytes()
        with duckdb.connect(str(snapshot.path), read_only=True) as con:
            names = [name for (name,) in con.execute("SHOW TABLES").fetchall()]
            rows = {name: con.execute(f'FROM "{name}"').fetchall() for name in names}
    assert [name for name, found in rows.items() if MARK in repr(found)] == []
    assert [row[0] for row in rows["calls"]] != []
    with target.store.snapshots.reading() as snapshot:
        assert MARK.encode() in snapshot.path.read_bytes()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT content FROM read_text('{secret}')",
        "SELECT (SELECT content FROM read_text('{secret}'))",
        "WITH calls AS (FROM read_text('{secret}')) SELECT * FROM calls",
        "FROM '{secret}'",
        "SELECT error FROM jobs",
        "SELECT agent FROM calls",
    ],
)
def test_without_the_reader_they_would_succeed(target: Target, tmp_path: Path, sql: str) -> None:
    """On an open copy of the store the same statements find the mark: what stops them above is the reader."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tmp_path / 'copy.duckdb'}' AS copy")
        con.execute("CREATE TABLE copy.jobs AS SELECT ? AS error", [MARK])
        con.execute("CREATE TABLE copy.calls AS SELECT ? AS agent", [MARK])
        con.execute("USE copy")
        assert MARK in repr(con.execute(target.filled(sql)).fetchall()) + repr(con.description)
