"""Answers to SQL in every form, within limits, with the age of what they are made of."""

from __future__ import annotations

import csv
import io
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import nanoarrow
import pytest
from nanoarrow import ipc

from qa.errors import QueryProblem
from qa.store import Store, reader
from qa.store.reader import Answer, Column, Limits, answer
from rubric import Rubric
from tests.qa_store.examples import scored

EVERY_TYPE = """
    SELECT 1::INT AS whole, 2::HUGEINT ** 70 > 0 AS truth, 170141183460469231731687303715884105727::HUGEINT AS huge,
        1.50::DECIMAL(9, 2) AS exact, 'nan'::DOUBLE AS none, NULL::VARCHAR AS missing, 'é"' || chr(10) AS text,
        TIMESTAMPTZ '2026-03-02 10:02:00+01' AS moment, DATE '2026-03-02' AS day, [1, NULL] AS list,
        {'a': 1, 'b': [2]} AS parts, MAP {'k': 1} AS map, INTERVAL 90 SECOND AS span, '\\xAA'::BLOB AS bytes,
        '{"j": [1]}'::JSON AS json, '5a0b0f0e-0000-4000-8000-000000000000'::UUID AS uuid
"""


def decoded(found: Answer) -> Any:
    return msgspec.json.decode(found.body)


@pytest.fixture
def filled(store: Store, rubric: Rubric) -> Store:
    store.save_all(
        [scored(rubric, recording=f"{team}-{n}.wav", team=team) for team in ("North", "South") for n in "ab"]
    )
    return store


def test_an_answer_in_json_says_what_it_is_and_how_old(filled: Store) -> None:
    before = datetime.now(UTC)
    found = answer(filled.snapshots, "SELECT team, count(*) AS n FROM calls GROUP BY team ORDER BY team")
    assert before <= found.data_as_of <= datetime.now(UTC)
    assert found.media_type == "application/json"
    assert decoded(found) == {
        "columns": [{"name": "team", "type": "VARCHAR"}, {"name": "n", "type": "BIGINT"}],
        "rows": [["North", 2], ["South", 2]],
        "truncated": False,
        "data_as_of": msgspec.to_builtins(found.data_as_of),
    }


def test_every_type_has_its_form_in_json(filled: Store) -> None:
    found = answer(filled.snapshots, EVERY_TYPE)
    values = dict(zip((column.name for column in found.columns), decoded(found)["rows"][0], strict=True))
    assert b"170141183460469231731687303715884105727," in found.body  # all its digits
    assert values | {"huge": 0} == {
        "whole": 1, "truth": True, "huge": 0, "exact": 1.5, "none": None, "missing": None, "text": 'é"\n',
        "moment": "2026-03-02T09:02:00Z", "day": "2026-03-02", "list": [1, None], "parts": {"a": 1, "b": [2]},
        "map": {"k": 1}, "span": "PT90S", "bytes": "qg==", "json": '{"j": [1]}',
        "uuid": "5a0b0f0e-0000-4000-8000-000000000000",
    }  # fmt: skip


def test_csv_has_empty_cells_for_what_is_not_known(filled: Store) -> None:
    found = answer(filled.snapshots, EVERY_TYPE, form="csv")
    head, row = csv.reader(io.StringIO(found.body.decode(), newline=""))
    values = dict(zip(head, row, strict=True))
    assert values | {"none": ""} == {
        "whole": "1", "truth": "true", "huge": "170141183460469231731687303715884105727", "exact": "1.50", "none": "",
        "missing": "", "text": 'é"\n', "moment": "2026-03-02T09:02:00Z", "day": "2026-03-02", "list": "[1,null]",
        "parts": '{"a":1,"b":[2]}', "map": '{"k":1}', "span": "PT90S", "bytes": "qg==", "json": '{"j": [1]}',
        "uuid": "5a0b0f0e-0000-4000-8000-000000000000",
    }  # fmt: skip


def test_arrow_and_parquet_hold_the_same_values(filled: Store, tmp_path: Path) -> None:
    sql = "SELECT call_id, turn, start_s, text, words, backchannel FROM turns ORDER BY call_id, turn"
    rows = filled.sql(sql).rows
    assert len(rows) == 12
    stream = answer(filled.snapshots, sql, form="arrow")
    table = nanoarrow.Array(ipc.InputStream.from_readable(io.BytesIO(stream.body))).to_pylist()
    assert [tuple(row.values()) for row in table] == list(rows)
    file = tmp_path / "answer.parquet"
    file.write_bytes(answer(filled.snapshots, sql, form="parquet").body)
    assert duckdb.read_parquet(str(file)).fetchall() == list(rows)
    assert stream.media_type == "application/vnd.apache.arrow.stream"


@pytest.mark.parametrize("form", ["json", "csv", "arrow", "parquet"])
@pytest.mark.parametrize(("rows", "truncated"), [(0, False), (2, False), (7, False), (8, True), (300_000, True)])
def test_rows_beyond_the_limit_are_left_out_and_said(
    filled: Store, tmp_path: Path, form: reader.Form, rows: int, truncated: bool
) -> None:
    found = answer(
        filled.snapshots, "SELECT range AS a FROM range($n) ORDER BY a", {"n": rows}, Limits(max_rows=7), form=form
    )
    assert found.truncated is truncated
    assert found.columns == (Column("a", "BIGINT"),)
    (tmp_path / "answer").write_bytes(found.body)
    match form:
        case "json":
            there = [row[0] for row in decoded(found)["rows"]]
        case "csv":
            there = [int(line) for line in found.body.decode().splitlines()[1:]]
        case "arrow":
            stream = ipc.InputStream.from_readable(io.BytesIO(found.body))
            there = [row["a"] for row in nanoarrow.Array(stream).to_pylist()]
        case "parquet":
            there = [row[0] for row in duckdb.read_parquet(str(tmp_path / "answer")).fetchall()]
    assert there == list(range(min(rows, 7)))


def test_parameters_are_bound_by_place_and_by_name(filled: Store) -> None:
    snapshots = filled.snapshots
    assert decoded(answer(snapshots, "SELECT ?, ?::INT[]", ["' OR 1 --", [1, 2]]))["rows"] == [["' OR 1 --", [1, 2]]]
    assert decoded(answer(snapshots, "SELECT $a, $b", {"a": None, "b": 1.5}))["rows"] == [[None, 1.5]]
    for wrong in ([], ["a", "b"], {"x": 1}):
        with pytest.raises(QueryProblem):
            answer(snapshots, "SELECT ?", wrong)


def test_a_reader_of_some_teams_sees_no_other(filled: Store) -> None:
    for table in ("calls", "team_comparison", "measures", "scorecard_lines"):
        found = decoded(answer(filled.snapshots, f"SELECT DISTINCT team FROM {table}", teams=["South"]))
        assert found["rows"] == [["South"]]
    assert decoded(answer(filled.snapshots, "SELECT count(*) FROM turns", teams=[]))["rows"] == [[0]]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT nothing FROM calls", "nothing"),
        ("SELECT * FROM cals", "SHOW TABLES"),
        ("DELETE FROM calls", "only one SELECT"),
        ("SELECT range FROM range(1e15::BIGINT) a ORDER BY hash(range)", "took longer|memory"),
        ("SELECT count(*) FROM range(1000000000) WHERE md5(range::VARCHAR) = 'x'", "took longer than 1 s"),
        ("SELECT repeat('x', 2000000000)", "more than 1024 MB of memory"),
        ("SELECT repeat('x', 3000000)", "larger than 1000000 bytes"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_line(filled: Store, sql: str, words: str) -> None:
    limits = Limits(time_s=1, memory_bytes=1 << 30, max_bytes=1_000_000)
    with pytest.raises(QueryProblem, match=words) as caught:
        answer(filled.snapshots, sql, limits=limits)
    assert "\n" not in str(caught.value)


def test_arrow_says_what_it_cannot_hold(filled: Store) -> None:
    sql = "SELECT 'a'::ENUM('a', 'b') AS e"
    with pytest.raises(QueryProblem, match="cast the column to VARCHAR"):
        answer(filled.snapshots, sql, form="arrow")
    assert decoded(answer(filled.snapshots, sql))["rows"] == [["a"]]


def test_a_process_that_stops_answering_is_ended(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where neither DuckDB's time limit nor the process's own alarm works, the asking process ends it."""
    stuck = tmp_path / "stuck.py"
    stuck.write_text("import signal\nsignal.pause()\n")
    monkeypatch.setattr(reader, "_SCRIPT", stuck)
    monkeypatch.setattr(reader, "_KILL_AFTER_S", 0.1)
    with pytest.raises(QueryProblem, match=r"took longer than 0\.2 s"):
        answer(filled.snapshots, "SELECT 1", limits=Limits(time_s=0.2))
    assert [path.name for path in filled.snapshots.folder.iterdir()] == ["one.duckdb"]


def test_queries_wait_for_their_turn_and_not_for_ever(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_turns", threading.BoundedSemaphore(1))
    with reader._turns, pytest.raises(QueryProblem, match="ask again"):
        answer(filled.snapshots, "SELECT 1", limits=Limits(time_s=0.1))
    assert decoded(answer(filled.snapshots, "SELECT 1"))["rows"] == [[1]]


def test_a_query_runs_beside_a_writer(filled: Store, rubric: Rubric) -> None:
    """The store is written, and its snapshot brought up to date twice, while a query on it runs."""
    sql = "SELECT count(*), (SELECT count(*) FROM range(30000000) WHERE md5(range::VARCHAR) = 'x') FROM calls"
    answers: list[Answer] = []
    filled.snapshots.refresh()
    asking = threading.Thread(target=lambda: answers.append(answer(filled.snapshots, sql)))
    asking.start()
    for number in range(3):
        filled.save(scored(rubric, recording=f"{number}.wav"))
    asking.join()
    assert decoded(answers[0])["rows"] in ([[4, 0]], [[5, 0]], [[6, 0]], [[7, 0]])
