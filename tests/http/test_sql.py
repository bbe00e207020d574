"""SQL over HTTP: one SELECT on a snapshot, in the form that is asked for, and what is refused."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.http.conftest import Server


@pytest.fixture(scope="module")
def call(server: Server, clips: list[Path]) -> dict[str, Any]:
    """One call, done."""
    return server.scored(clips[0], team="Asked", agent="Ana")


def ask(server: Server, sql: str, params: Any = None, accept: str = "application/json") -> httpx.Response:
    return server.client.post("/api/sql", json={"sql": sql, "params": params}, headers={"Accept": accept})


def fresh(server: Server, sql: str, params: Any = None, accept: str = "application/json") -> httpx.Response:
    """The answer once the snapshot has what was there when it was asked."""
    now = datetime.now(UTC).isoformat()
    while (answer := ask(server, sql, params, accept)).headers.get("X-Data-As-Of", "9") < now:
        pass
    return answer


def test_an_answer_has_columns_with_types_and_says_how_old_it_is(server: Server, call: dict[str, Any]) -> None:
    """And what is bound to its parameters, by place or by name."""
    for mark, params in (("?", ["Asked"]), ("$team", {"team": "Asked"})):
        answer = fresh(server, f"SELECT call_id, agent, percent FROM calls JOIN scorecards USING (call_id) "
                       f"WHERE team = {mark}", params)  # fmt: skip
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["columns"] == [
            {"name": "call_id", "type": "VARCHAR"},
            {"name": "agent", "type": "VARCHAR"},
            {"name": "percent", "type": "DOUBLE"},
        ]
        assert found["rows"] == [[call["call_id"], "Ana", call["percent"]]]
        assert (found["truncated"], answer.headers["X-Truncated"]) == (False, "false")
        assert datetime.fromisoformat(found["data_as_of"]) == datetime.fromisoformat(answer.headers["X-Data-As-Of"])


@pytest.mark.usefixtures("call")
def test_an_answer_comes_in_the_form_that_is_asked_for(server: Server) -> None:
    """CSV, Arrow and Parquet, each as its readers know it."""
    sql = "SELECT 1 AS one, 'a,b' AS two"
    assert fresh(server, sql, accept="text/csv").text == 'one,two\n1,"a,b"\n'
    parquet = fresh(server, sql, accept="application/vnd.apache.parquet").content
    assert (parquet[:4], parquet[-4:]) == (b"PAR1", b"PAR1")
    import nanoarrow

    arrow = fresh(server, sql, accept="application/vnd.apache.arrow.stream").content
    rows = nanoarrow.ArrayStream.from_readable(io.BytesIO(arrow)).read_all()
    assert list(rows.iter_tuples()) == [(1, "a,b")]
    assert ask(server, sql, accept="image/png").status_code == 406


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM calls", "SELECT"),
        ("SELECT 1; SELECT 2", "one"),
        ("SELECT * FROM keys", "keys"),
        ("SELECT * FROM audit", "audit"),
        ("SELECT nothing FROM calls", "nothing"),
        ("SELEC", "SELEC"),
    ],
)
def test_what_is_refused_says_why(server: Server, sql: str, said: str) -> None:
    """422 with DuckDB's own words, or ours."""
    answer = ask(server, sql)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_what_may_be_read_can_be_taken_away(server: Server, call: dict[str, Any], tmp_path: Path) -> None:
    """As one DuckDB file, which others open while the server runs, and as Parquet; neither holds keys or the queue."""
    import duckdb

    path = tmp_path / "taken.duckdb"
    path.write_bytes(server.client.get("/api/snapshot.duckdb").content)
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute("SELECT team FROM calls WHERE call_id = ?", [call["call_id"]]).fetchall() == [("Asked",)]
        tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert not tables & {"keys", "jobs", "audit", "migrations"}
    packed = zipfile.ZipFile(io.BytesIO(server.client.get("/api/snapshot.parquet.zip").content))
    assert {"README.md", "calls.parquet", "turns.parquet"} <= set(packed.namelist())
