"""SQL by people, answered by a process of its own on a snapshot: it cannot touch the store, nor hold it up.

    with Store.open("qa.duckdb") as store:
        store.snapshots.start()
        answer(store.snapshots, "SELECT * FROM team_comparison WHERE team = ?", ["North"]).body

What the process may do stands in `qa.store.reader_process`, and what a snapshot holds in `qa.store.readable`. Of a
reader who may see some teams only, the whole file holds nothing but these teams' rows.

The process writes the form that is asked for, so that the server's process does nothing with an answer but hand it on.
DuckDB writes Parquet itself; for Arrow IPC there is nanoarrow, which is 4 MB where pyarrow is 150.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from qa.errors import QueryProblem
from qa.store.rotation import Snapshot
from qa.store.snapshots import Snapshots

Form = Literal["json", "csv", "arrow", "parquet"]

MEDIA_TYPES: Mapping[Form, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}

AT_ONCE = 2
"""So many queries run at a time in this process; others wait for their turn as long as their own time limit."""

LONGEST_SQL = 100_000
"""Characters; a question of a person is shorter."""

_SCRIPT = Path(__file__).with_name("reader_process.py")
_KILL_AFTER_S = 2.0
"""What is given to a process, beyond its own time limit, to have started in."""

_WORDLESS: Mapping[int, str] = {signal.SIGALRM: "time", signal.SIGKILL: "memory", signal.SIGABRT: "memory"}
"""What has stopped a process that ends without a word: its own alarm, or memory where DuckDB did not look."""

_turns = threading.BoundedSemaphore(AT_ONCE)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one query may take."""

    time_s: float = 30.0
    memory_bytes: int = 2 << 30
    """Of address space, in all; DuckDB is told half of it, since much of what it takes it does not count."""
    scratch_bytes: int = 4 << 30
    threads: int = 2
    max_rows: int = 10_000
    max_bytes: int = 64 << 20


class Column(msgspec.Struct, frozen=True):
    """A column of an answer with its DuckDB type."""

    name: str
    type: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a query, in the form that was asked for.

    `body` in `json` is `{"columns": [{"name", "type"}], "rows": [[…]], "truncated", "data_as_of"}`; the others hold
    the rows alone. `truncated` says that there are more rows than the limit. `data_as_of` is when the store was last
    seen to be as it was read here (UTC).
    """

    columns: tuple[Column, ...]
    truncated: bool
    data_as_of: datetime
    form: Form
    body: bytes

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.form]


DEFAULT = Limits()


def answer(
    snapshots: Snapshots,
    sql: str,
    params: Sequence[Any] | Mapping[str, Any] | None = None,
    limits: Limits = DEFAULT,
    teams: Collection[str] | None = None,
    *,
    form: Form = "json",
) -> Answer:
    """The answer to one SELECT on the snapshot of these teams, or of all; blocks until it is there.

    `params` are bound, by place (?) or name ($name): text, numbers, truth values, None, lists of these. Raises
    QueryProblem where the query is refused, wrong, or takes more than the limits, and StoreProblem without a snapshot.
    """
    if "\0" in sql or len(sql) > LONGEST_SQL:
        raise QueryProblem(f"a query has at most {LONGEST_SQL} characters, and no NUL among them")
    if not _turns.acquire(timeout=limits.time_s):
        raise QueryProblem(f"{AT_ONCE} other queries are running still; ask again in a moment")
    try:
        with snapshots.reading(teams) as snapshot, snapshots.scratch() as scratch:
            return _ask(snapshot, scratch, sql=sql, params=params, limits=limits, form=form)
    finally:
        _turns.release()


def _ask(
    snapshot: Snapshot,
    scratch: Path,
    *,
    sql: str,
    params: Sequence[Any] | Mapping[str, Any] | None,
    limits: Limits,
    form: Form,
) -> Answer:
    try:
        request = msgspec.json.encode(
            {
                **msgspec.to_builtins(limits),
                "path": str(snapshot.path.absolute()),
                "sql": sql,
                "params": params,
                "form": form,
                "data_as_of": snapshot.as_of,
            }
        )
    except (TypeError, UnicodeEncodeError) as error:
        raise QueryProblem(f"the query or its parameters cannot be sent: {error}") from error
    # An empty environment, and none of this program's modules: nothing is there that a query could find.
    with subprocess.Popen(
        [sys.executable, "-I", str(_SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=scratch,
        env={},
    ) as process:
        try:
            out, _ = process.communicate(request, timeout=limits.time_s + _KILL_AFTER_S)
        except subprocess.TimeoutExpired:
            raise _stopped("time", limits) from None
        finally:
            process.kill()
    head, newline, body = out.partition(b"\n")
    if not newline:
        raise _stopped(_WORDLESS.get(-process.returncode, "the query is too large or too deeply nested"), limits)
    found = msgspec.json.decode(head)
    if "error" in found:
        raise _stopped(found["error"], limits)
    return Answer(
        columns=tuple(Column(*each) for each in found["columns"]),
        truncated=found["truncated"],
        data_as_of=snapshot.as_of,
        form=form,
        body=body,
    )


def _stopped(why: str, limits: Limits) -> QueryProblem:
    match why:
        case "time":
            return QueryProblem(
                f"the query took longer than {limits.time_s:g} s; ask about fewer calls, or less of them"
            )
        case "memory":
            size = f"{limits.memory_bytes / (1 << 20):.0f} MB"
            return QueryProblem(f"the query needed more than {size} of memory; ask about fewer calls, or less of them")
        case _:
            return QueryProblem(why)
