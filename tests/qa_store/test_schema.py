import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from qa.errors import StoreHeld, StoreProblem
from qa.store import (
    Store,
    accuracy,
    erasures,
    keys,
    measures,
    migrations,
    outcomes,
    quantiles,
    questions,
    schema,
    service,
    views,
    webhooks,
)  # fmt: skip
from rubric import Rubric
from tests.qa_store.examples import scored


def test_every_table_view_and_column_has_a_comment(store: Store) -> None:
    things = store.sql(
        "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
    ).rows
    columns = store.sql(
        "SELECT table_name || '.' || column_name, comment FROM duckdb_columns() WHERE NOT internal"
    ).rows
    tables = (
        *schema.TABLES,
        *accuracy.TABLES,
        measures.TABLE,
        service.AUDIT,
        keys.TABLE,
        outcomes.TABLE,
        erasures.TABLE,
        webhooks.ADDRESSES,
        webhooks.DELIVERIES,
    )
    made = (*tables, *views.VIEWS, *measures.VIEWS, *questions.VIEWS, *outcomes.VIEWS)
    assert {name for name, _ in things} == {"migrations", *(thing.name for thing in made)}
    assert [name for name, comment in (*things, *columns) if not comment or not comment.endswith(".")] == []


def test_a_store_records_the_steps_that_made_it(store: Store) -> None:
    assert store.sql("SELECT step, name FROM migrations ORDER BY step").rows == tuple(
        enumerate((step.name for step in migrations.STEPS), start=1)
    )


def test_opening_again_changes_nothing(path: Path) -> None:
    for _ in range(2):
        with Store.open(path) as store:
            found = store.sql("SELECT step, name, applied_at FROM migrations ORDER BY step").rows
    with Store.open(path) as store:
        assert store.sql("SELECT step, name, applied_at FROM migrations ORDER BY step").rows == found


def test_a_step_that_fails_leaves_nothing_behind_and_is_run_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("CREATE TABLE half (a INTEGER)")
        con.execute("SELECT * FROM nothing")

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", (*migrations.STEPS, migrations.Step("half", half)))
        with pytest.raises(StoreProblem, match="nothing does not exist"):
            Store.open(path)
    with Store.open(path) as store:
        assert store.sql("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'").rows == ((0,),)
        assert store.sql("SELECT max(step) FROM migrations").rows == ((len(migrations.STEPS),),)


def test_a_store_from_a_newer_version_is_left_alone_and_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", (*migrations.STEPS, migrations.Step("later", lambda _: None)))
        Store.open(path).close()
    before = path.read_bytes()
    step = len(migrations.STEPS) + 1
    for read_only in (False, True):
        with pytest.raises(StoreProblem, match=rf"newer version \(it has step {step}, 'later'.*update") as caught:
            Store.open(path, read_only=read_only)
        assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_an_older_store_is_brought_up_to_date_by_who_may_write(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", migrations.STEPS[:1])
        patched.setattr(accuracy, "refresh", lambda _: None)  # older programs had no figures
        Store.open(path).close()
    with pytest.raises(StoreProblem, match="older version"):
        Store.open(path, read_only=True)
    with Store.open(path) as store:
        assert store.compare() == ()


def test_what_is_no_store_is_named(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.duckdb"
    with duckdb.connect(str(foreign)) as con:
        con.execute("CREATE TABLE mine (a INTEGER)")
    (tmp_path / "text.duckdb").write_text("not a database" * 1000)
    for path, words in (
        (foreign, "not a store of calls"),
        (tmp_path / "text.duckdb", "is not a store"),
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "qa.duckdb", "no folder"),
    ):
        with pytest.raises(StoreProblem, match=words) as caught:
            Store.open(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(StoreProblem, match=r"no store .*missing\.duckdb"):
        Store.open(tmp_path / "missing.duckdb", read_only=True)
    assert not (tmp_path / "missing.duckdb").exists()


def test_a_store_that_another_process_holds_is_named_with_its_pid(store: Store) -> None:
    code = """
import sys
from qa.errors import StoreHeld
from qa.store import Store
for read_only in (True, False):
    try:
        Store.open(sys.argv[1], read_only=read_only)
    except StoreHeld as held:
        print(held)
"""
    ended = subprocess.run([sys.executable, "-c", code, str(store.path)], capture_output=True, text=True, check=True)
    line = f"the store {store.path} is held by another process (pid {os.getpid()}, "
    assert [found.startswith(line) for found in ended.stdout.splitlines()] == [True, True]


def test_a_store_that_is_closed_is_free_though_it_was_read_in_several_threads(path: Path) -> None:
    store = Store.open(path)
    store.teams()
    reader = threading.Thread(target=store.teams)
    reader.start()
    reader.join()
    store.close()
    code = "import sys, duckdb; duckdb.connect(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert store.read_only is False  # it is still in use here


def test_two_may_read_at_once_but_not_while_one_writes_in_the_same_process(path: Path) -> None:
    Store.open(path).close()
    with Store.open(path, read_only=True) as one, Store.open(path, read_only=True) as other:
        assert one.teams() == other.teams() == ()
        with pytest.raises(StoreHeld, match="open in this process"):
            Store.open(path)


def test_students_t_is_that_of_the_published_tables() -> None:
    published = {1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 10: 2.2281, 15: 2.1314, 30: 2.0423, 120: 1.9799}
    assert {df: round(quantiles.t_975(df), 4) for df in published} == published


def test_beyond_the_table_the_views_expansion_is_students_t(store: Store) -> None:
    for df in (quantiles.TABLE_SIZE, quantiles.TABLE_SIZE + 1, 300):
        (found,) = store.sql(f"FROM (VALUES ({df})) AS asked(df) SELECT {views.t_975('asked.df')}").rows[0]
        assert found == pytest.approx(quantiles.t_975(df), abs=3e-6)


def test_readers_see_one_state_while_a_writer_writes(store: Store, rubric: Rubric) -> None:
    torn: list[str] = []
    stop = threading.Event()
    call_id = store.save(scored(rubric)).call_id

    def read() -> None:
        while not stop.is_set():
            call = store.call(call_id)
            if call.scorecard is None or len(call.scorecard.scores) != 3 or call.transcript is None:
                torn.append(repr(call))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(8):
        store.save(scored(rubric))
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []
