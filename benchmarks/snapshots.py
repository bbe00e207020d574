"""How long the snapshots beside a store take to be brought up to date, how large they are, and what readers wait.

    python -m benchmarks.snapshots [--calls 10000 --calls 200000]

The calls are made up in SQL: turns of words drawn from the demo's conversations, of the lengths and numbers below, so
that nothing compresses for being the same again. What is copied is held against the store by counts and hashes.
"""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

import click
import msgspec

import qa.demo
import rubric
from qa.judging import known_by
from qa.metadata import Metadata
from qa.store import KeptTranscript, Scored, Store, readable, revisions
from qa.store.reader import Limits, answer
from transcription import formats

TURNS, WORDS, TEAMS, AGENTS = 60, (1, 29), 20, 200
"""Turns a call, words a turn (evenly drawn), teams, and agents in all: 900 words a call, six minutes of talk."""

LIMITS = Limits(time_s=300)

_STATEMENTS = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";\n")

CHUNK = 10_000
"""Calls whose turns are made at once, to stay within memory."""


def fill(store: Store, calls: int) -> None:
    """Make up the calls of an empty store."""
    conversations = [formats.read(path) for path in sorted(qa.demo.FOLDER.glob("conversations/*.json"))]
    vocabulary = sorted({word for each in conversations for turn in each.turns for word in turn.text.split()})
    values = {
        "calls": calls, "teams": TEAMS, "agents": AGENTS, "turns": TURNS, "least": WORDS[0], "most": WORDS[1],
        "last_word": len(vocabulary) - 1, "rubric": rubric.load().version,
    }  # fmt: skip
    with store._database.alone() as con:
        con.execute(
            "CREATE TEMP TABLE vocabulary AS SELECT unnest(range(len($words))) AS word, unnest($words) AS said",
            {"words": vocabulary},
        )
    for statement in _STATEMENTS:
        parts = range(1, calls + 1, CHUNK) if "$first" in statement else [0]
        for first in parts:
            given = values | {"first": first, "last": first + CHUNK - 1}
            with store._database.writing() as con:
                con.execute(statement, {name: value for name, value in given.items() if f"${name}" in statement})
    with store._database.alone() as con:
        con.execute("DROP TABLE vocabulary")
        con.execute("CHECKPOINT")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long the block takes."""
    began_s = time.perf_counter()
    yield
    click.echo(f"  {what:<58}{time.perf_counter() - began_s:8.2f} s")


class Calls:
    """Real calls to save, each with the longest conversation of the demo; no name twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = count()
        self._rubric = rubric.load()
        conversations = (formats.read(path) for path in qa.demo.FOLDER.glob("conversations/*.json"))
        self._transcript = max(conversations, key=lambda it: len(it.turns))
        self._card = rubric.score(self._transcript, self._rubric)

    def save(self, many: int) -> None:
        """Save so many new calls in one transaction."""
        self._store.save_all([self._scored(name) for name in islice(self._names, many)])

    def _scored(self, name: int) -> Scored:
        return Scored(
            sha256=hashlib.sha256(f"new {name}".encode()).hexdigest(),
            metadata=Metadata(recording=f"{name}.wav", team=f"Team {name % TEAMS}", agent=f"Agent {name % AGENTS}"),
            kept=KeptTranscript(transcript=self._transcript, made_with="written"),
            scorecard=self._card,
            known_by=known_by(self._card),
            rubric=self._rubric,
        )


def write_again(store: Store, many: int) -> None:
    """Mark so many calls, here and there, as written."""
    with store._database.writing() as con:
        found = con.execute("SELECT call_id FROM calls ORDER BY hash(call_id) LIMIT ?", [many]).fetchall()
        revisions.touch(con, [call_id for (call_id,) in found])


def delete(store: Store) -> None:
    """Delete a call."""
    with store._database.writing() as con:
        for table in readable.OF_CALLS:
            con.execute(f"DELETE FROM {table} WHERE call_id = md5('7')[:12]")


def refreshes(store: Store, calls: Calls) -> None:
    """What each kind of change costs."""
    changes: tuple[tuple[str, Callable[[], object]], ...] = (
        ("whole, the first time", lambda: None),
        ("whole, the other turn", lambda: calls.save(100)),
        ("200 new calls: these 100, and the 100 before", lambda: calls.save(100)),
        ("200 new calls again", lambda: calls.save(100)),
        ("1000 calls written again, here and there, and 100 new", lambda: write_again(store, 1000)),
        ("the same 1000 in the other turn, and one call deleted", lambda: delete(store)),
        ("one call deleted, in the other turn, and one new", lambda: calls.save(1)),
        ("nothing written", lambda: None),
    )
    for what, change in changes:
        change()
        with timed(what):
            store.snapshots.refresh()
        check(store)


def writers(store: Store, calls: Calls) -> None:
    """How long one waits who saves call after call, alone and beside a whole refresh."""

    def write(stop: threading.Event, waits: list[float]) -> None:
        while not stop.is_set():
            began_s = time.perf_counter()
            calls.save(1)
            waits.append(time.perf_counter() - began_s)

    for what, whole in (("three seconds of a writer alone", False), ("whole again, beside a writer", True)):
        stop, waits = threading.Event(), list[float]()
        writer = threading.Thread(target=write, args=(stop, waits))
        writer.start()
        with timed(what):
            if whole:
                store.snapshots.refresh(whole=True)
            else:
                stop.wait(3)
        stop.set()
        writer.join()
        median_ms, longest_ms = (1000 * each for each in (statistics.median(waits), max(waits)))
        click.echo(f"    {len(waits)} calls saved one by one: median {median_ms:.0f} ms, longest {longest_ms:.0f} ms")
    store.snapshots.refresh()
    check(store)


def sizes(store: Store, many: int) -> None:
    """What is on disk."""
    with store.snapshots.reading() as snapshot:
        size = snapshot.path.stat().st_size
    there = store.path.stat().st_size
    click.echo(
        f"  store {there / 1e6:.0f} MB, each of two snapshots {size / 1e6:.0f} MB, {size / many / 1000:.1f} kB a call"
    )


def of_a_team(store: Store, calls: Calls) -> None:
    """The snapshot of one team of twenty, made when it is asked for."""
    for what in ("whole", "whole, the other turn", "ten new calls", "ten new calls again"):
        calls.save(100)
        store.snapshots.refresh()
        with timed(f"one team of twenty: {what}"), store.snapshots.reading(["Team 1"]) as snapshot:
            pass
    click.echo(f"    its file: {snapshot.path.stat().st_size / 1e6:.0f} MB")


def answers(store: Store) -> None:
    """What a reader waits, the start of the process included."""
    for sql in (
        "SELECT 1",
        "SELECT * FROM team_comparison",
        "SELECT * FROM conversation WHERE call_id = md5('9')[:12]",
        "SELECT count(*) FROM turns WHERE text ILIKE '%sorry%'",
    ):
        with timed(f"answer: {sql[:48]}"):
            answer(store.snapshots, sql, limits=LIMITS)


def check(store: Store) -> None:
    """The snapshot is the store: as many rows of each table, of the same calls at the same revision."""
    for table in readable.OF_CALLS:
        sql = f"SELECT count(*), coalesce(bit_xor(hash(call_id)), 0) FROM {table}"
        if table == readable.CALLS:
            sql = f"SELECT count(*), bit_xor(hash(call_id, revision)) FROM {table}"
        found = msgspec.json.decode(answer(store.snapshots, sql, limits=LIMITS).body)["rows"]
        assert [tuple(row) for row in found] == list(store.sql(sql).rows), table


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--calls", "numbers", multiple=True, type=int, default=(10_000, 200_000), show_default=True)
def main(*, numbers: tuple[int, ...]) -> None:
    """Time snapshots of stores with so many made-up calls."""
    for calls in numbers:
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "qa.duckdb") as store:
            click.echo(f"{calls} calls")
            with timed("made up"):
                fill(store, calls)
            more = Calls(store)
            refreshes(store, more)
            writers(store, more)
            sizes(store, calls)
            of_a_team(store, more)
            answers(store)


if __name__ == "__main__":
    main()
