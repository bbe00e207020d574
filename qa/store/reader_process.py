"""The process that answers one query on a snapshot, and what it may do: run as a script, never imported.

Its request comes on stdin as one JSON object, its answer goes to stdout: a line of JSON, `{"error"}` or
`{"columns": [[name, type]], "truncated"}`, and behind it the answer's body. It stands by itself, for a program that
imports nothing of the rest starts in a tenth of a second and has nothing in its memory to be found.

What keeps a query in its place, from the outside in: the snapshot holds nothing that may not be read; this process has
no environment, works in an empty folder, and is bounded in memory, time and what it can write; DuckDB opens the file
for reading only, with no access to other files, no extensions beyond those compiled in, and a configuration that is
locked; and only one SELECT is run, of the kinds of syntax, relations and functions that are named here.
"""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec

NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
"""What a query and its parts may be: nothing that writes."""

RELATIONS = {
    "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT", "SHOW_REF", "CTE",
}  # fmt: skip

TABLE_FUNCTIONS = {
    "range", "generate_series", "unnest", "json_each", "json_tree", "duckdb_tables", "duckdb_columns", "duckdb_views",
}  # fmt: skip
"""Table functions that can be asked: none that opens a file, runs text as SQL or tells of the machine."""

CATALOG = {("information_schema", name) for name in ("tables", "columns", "views", "schemata")} | {
    ("main", name) for name in ("duckdb_tables", "duckdb_columns", "duckdb_views")
}
"""DuckDB's own views that can be asked, by schema and name: what relations and columns there are, with comments."""

SHOWN = {'"tables"', "__show_tables_expanded"}

REFUSED_FUNCTIONS = {
    "current_setting", "getvariable", "getenv", "nextval", "currval", "write_log", "sleep_ms", "enable_logging",
    "disable_logging", "enable_profile", "disable_profile", "json_execute_serialized_sql", "json_serialize_plan",
    "query", "query_table", "set_config", "parse_duckdb_log_message",
}  # fmt: skip
"""Scalar functions that tell of the machine, wait, or run text as SQL. Others see their arguments alone."""


class Refused(Exception):
    """The query may not be run, or cannot: one line that says why."""


def main() -> None:
    """Answer the request on stdin."""
    request = json.load(sys.stdin.buffer)
    _bound_process(request)
    try:
        head, body = _answer(request)
    except Refused as refused:
        head, body = {"error": str(refused)}, b""
    except duckdb.InterruptException:
        head, body = {"error": "time"}, b""
    except (duckdb.OutOfMemoryException, MemoryError):
        head, body = {"error": "memory"}, b""
    except Exception as error:  # noqa: BLE001 - DuckDB's, and what a value raises that a form cannot hold
        head, body = {"error": _one_line(error)}, b""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()
    os._exit(0)  # what DuckDB would still put in order is nobody's


def _bound_process(request: dict[str, Any]) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, whatever runs and whoever else is gone
    signal.setitimer(signal.ITIMER_REAL, request["time_s"])
    for what, most in (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_FSIZE, request["scratch_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _connect(request: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(
        request["path"],
        read_only=True,
        config={
            "threads": request["threads"],
            "memory_limit": f"{request['memory_bytes'] // 2}B",
            "temp_directory": "scratch",
            "max_temp_directory_size": f"{request['scratch_bytes']}B",
            "max_execution_time": str(int(request["time_s"] * 900)),  # ms: before the process is ended
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
        },
    )
    for statement in (
        "LOAD icu",
        "LOAD json",
        "SET TimeZone = 'UTC'",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        con.execute(statement)
    return con


def _answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    con = _connect(request)
    statement = _checked(con, request["sql"])
    body, form = io.BytesIO(), FORMS[request["form"]]
    columns, truncated = form(con, statement, request, body)
    if body.tell() > request["max_bytes"]:
        raise Refused(f"the answer is larger than {request['max_bytes']} bytes; ask for fewer rows or columns")
    return {"columns": columns, "truncated": truncated}, body.getvalue()


# What may be asked


def _checked(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    statements = con.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise Refused("only one SELECT can be asked; views such as team_comparison are a start")
    found = con.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    tree = json.loads(found[0][0])
    if tree["error"]:
        raise Refused("this kind of SELECT cannot be asked here (a PIVOT needs its values: PIVOT … ON … IN (…))")
    own = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal "
        "UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    builtin = con.execute("SELECT view_name FROM duckdb_views() WHERE internal").fetchall()
    _Check({name.lower() for (name,) in own}, {name.lower() for (name,) in builtin}).check(tree)
    return statements[0]


class _Check:
    """Looks through a syntax tree; raises Refused at the first part that is not among those named above."""

    def __init__(self, own: set[str], builtin: set[str]) -> None:
        self._own = own
        self._builtin = builtin
        self._named: set[str] = set()

    def check(self, tree: dict[str, Any]) -> None:
        parts = [*_parts(tree)]
        for part in parts:
            for entry in part.get("cte_map", {}).get("map", ()):
                self._name(entry["key"])
            if part.get("type") in ("RECURSIVE_CTE_NODE", "CTE_NODE"):
                self._name(part["cte_name"] if "cte_name" in part else part["ctename"])
        for part in parts:
            self._check_part(part)

    def _name(self, name: str) -> None:
        # Where the name is out of scope it would be DuckDB's own view after all.
        if name.lower() in self._builtin:
            raise Refused(f"{name} is a view of DuckDB's own; give the part of the query another name")
        self._named.add(name.lower())

    def _check_part(self, part: dict[str, Any]) -> None:
        kind = part.get("type")
        if part.get("class") == "FUNCTION":
            self._check_function(part)
        elif not isinstance(kind, str) or "class" in part:
            return
        elif kind.endswith("_NODE"):
            if kind not in NODES:
                raise Refused("only what reads can be asked; nothing can be written")
        elif "query_location" in part:
            self._check_relation(kind, part)

    def _check_function(self, part: dict[str, Any]) -> None:
        name = part["function_name"].lower()
        if name in REFUSED_FUNCTIONS or part.get("catalog") not in ("", "system") or _beyond(part, 3):
            raise Refused(f"the function {name} cannot be asked here")

    def _check_relation(self, kind: str, part: dict[str, Any]) -> None:
        if kind not in RELATIONS:
            raise Refused(f"this kind of relation ({kind.lower()}) cannot be asked here")
        if kind == "TABLE_FUNCTION":
            function = part["function"]
            name = function.get("function_name", "").lower()
            if function.get("class") != "FUNCTION" or name not in TABLE_FUNCTIONS:
                raise Refused(
                    f"the table function {name} cannot be asked here; {', '.join(sorted(TABLE_FUNCTIONS))} can"
                )
        elif kind == "BASE_TABLE":
            self._check_table(part)
        elif kind == "SHOW_REF" and part["show_type"] == "SHOW_SPECIAL" and part["table_name"] not in SHOWN:
            raise Refused("only SHOW TABLES and DESCRIBE can be asked here")
        elif kind == "SHOW_REF" and part["show_type"] != "SHOW_SPECIAL" and part.get("table_name"):
            self._check_table(part)

    def _check_table(self, part: dict[str, Any]) -> None:
        schema, name = part["schema_name"].lower(), part["table_name"].lower()
        mine = schema in ("", "main") and not part["catalog_name"] and name in self._own
        named = schema == "" and name in self._named
        if not (mine or named or (schema or "main", name) in CATALOG) or part.get("at_clause") or _beyond(part, 2):
            raise Refused(f"there is no table or view {part['table_name']} here; SHOW TABLES lists what there is")


def _beyond(part: dict[str, Any], most: int) -> bool:
    return len(part.get("qualified_name", {}).get("path", ())) > most


def _parts(tree: object) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


# The forms of an answer. Each runs the query, writes the body, and gives the columns and whether rows were left out.

Columns = list[tuple[str, str]]
Form = Callable[[duckdb.DuckDBPyConnection, duckdb.Statement, dict[str, Any], io.BytesIO], tuple[Columns, bool]]


def _rows(
    con: duckdb.DuckDBPyConnection, statement: duckdb.Statement, request: dict[str, Any]
) -> tuple[Columns, list[tuple[Any, ...]], bool]:
    cursor = con.execute(statement, request["params"] or None)
    columns = [(name, str(type_)) for name, type_, *_ in cursor.description or ()]
    rows: list[tuple[Any, ...]] = []
    most = request["max_rows"]
    while len(rows) <= most and (more := cursor.fetchmany(min(1000, most + 1 - len(rows)))):
        rows += more
    return columns, rows[:most], len(rows) > most


def _json(
    con: duckdb.DuckDBPyConnection, statement: duckdb.Statement, request: dict[str, Any], body: io.BytesIO
) -> tuple[Columns, bool]:
    columns, rows, truncated = _rows(con, statement, request)
    wide = [index for index, (_, type_) in enumerate(columns) if "HUGEINT" in type_ or "BIGNUM" in type_]
    if wide:
        rows = [tuple(_wide(each) if index in wide else each for index, each in enumerate(row)) for row in rows]
    answer = {
        "columns": [{"name": name, "type": type_} for name, type_ in columns],
        "rows": rows,
        "truncated": truncated,
        "data_as_of": request["data_as_of"],
    }
    body.write(_ENCODER.encode(answer))
    return columns, truncated


_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def _wide(value: Any) -> Any:
    """Whole numbers beyond 64 bits as JSON has them, wherever they are in a value."""
    if isinstance(value, int) and not isinstance(value, bool):
        return msgspec.Raw(str(value).encode())
    if isinstance(value, list | tuple):
        return [_wide(each) for each in value]
    if isinstance(value, dict):
        return {key: _wide(each) for key, each in value.items()}
    return value


def _csv(
    con: duckdb.DuckDBPyConnection, statement: duckdb.Statement, request: dict[str, Any], body: io.BytesIO
) -> tuple[Columns, bool]:
    columns, rows, truncated = _rows(con, statement, request)
    text = io.TextIOWrapper(body, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(name for name, _ in columns)
    writer.writerows([_cell(each) for each in row] for row in rows)
    text.detach()
    return columns, truncated


def _cell(value: Any) -> Any:
    """A value in CSV: what is not known is empty, what has parts is JSON, a moment is as in JSON."""
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value
    text = _ENCODER.encode(_wide(value)).decode()
    return text[1:-1] if text.startswith('"') else text


def _arrow(
    con: duckdb.DuckDBPyConnection, statement: duckdb.Statement, request: dict[str, Any], body: io.BytesIO
) -> tuple[Columns, bool]:
    from nanoarrow import ipc  # noqa: PLC0415 - a tenth of a second that other forms need not wait

    columns, schema, arrays, truncated = _arrays(con, statement, request)
    if any("ENUM" in type_ for _, type_ in columns):
        raise Refused("Arrow IPC cannot hold an ENUM here; cast the column to VARCHAR")
    with ipc.StreamWriter.from_writable(body) as writer:
        writer.write_stream(_whole(schema, arrays))
    return columns, truncated


def _parquet(
    con: duckdb.DuckDBPyConnection, statement: duckdb.Statement, request: dict[str, Any], body: io.BytesIO
) -> tuple[Columns, bool]:
    columns, schema, arrays, truncated = _arrays(con, statement, request)
    # Rows that are here already, by a connection that never sees the query's text.
    with duckdb.connect(config={"threads": 1, "python_enable_replacements": "false"}) as own:
        own.register("answer", _whole(schema, arrays))
        own.execute("COPY (FROM answer) TO 'answer.parquet' (FORMAT parquet, COMPRESSION zstd)")
    body.write(Path("answer.parquet").read_bytes())
    return columns, truncated


def _arrays(
    con: duckdb.DuckDBPyConnection, statement: duckdb.Statement, request: dict[str, Any]
) -> tuple[Columns, Any, list[Any], bool]:
    import nanoarrow  # noqa: PLC0415 - only Arrow and Parquet wait for it

    relation = con.sql(statement, params=request["params"] or None)
    columns = [(name, str(type_)) for name, type_ in zip(relation.columns, relation.types, strict=True)]
    stream = nanoarrow.c_array_stream(relation)
    schema, left = stream.get_schema(), request["max_rows"]
    arrays: list[Any] = []
    for array in stream:
        if len(array) > left:
            return columns, schema, [*arrays, array[:left]], True
        arrays.append(array)
        left -= len(array)
    return columns, schema, arrays, False


def _whole(schema: Any, arrays: list[Any]) -> Any:
    from nanoarrow import Array  # noqa: PLC0415 - only Arrow and Parquet wait for it
    from nanoarrow.c_array_stream import CArrayStream  # noqa: PLC0415 - only Arrow and Parquet wait for it

    return Array(CArrayStream.from_c_arrays(arrays, schema))


FORMS: dict[str, Form] = {"json": _json, "csv": _csv, "arrow": _arrow, "parquet": _parquet}


def _one_line(error: BaseException) -> str:
    """A library's message without the copy of the query that follows it."""
    return " ".join(str(error).split("\n\nLINE ")[0].split())


if __name__ == "__main__":
    main()
