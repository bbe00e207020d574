"""The audit of reads: on disk before it is answered, in the table once."""

from __future__ import annotations

import os
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qa import Store
from qa.errors import PageNotFound, StoreProblem
from qa.store import audit, migrations


def actions(store: Store) -> list[str]:
    return [row[0] for row in store.sql("SELECT action FROM audit ORDER BY action").rows]


def side_log(path: Path) -> list[Path]:
    return sorted(path.with_name(path.name + ".files").joinpath("audit").glob("*"))


def test_what_was_written_down_is_there_after_a_crash(path: Path, tmp_path: Path) -> None:
    """Whatever was only on its way is put into the table when the store is opened again."""
    with Store.open(path) as store:
        store.audit.note("getCall", call_id="0123456789ab", key_id="k", details=["team"])
        shutil.copytree(tmp_path, crashed := tmp_path / "crashed", ignore=shutil.ignore_patterns("crashed"))
    with Store.open(crashed / path.name) as store:
        (entry,) = store.audit.page().entries
    assert (entry.action, entry.call_id, entry.key_id, entry.details) == ("getCall", "0123456789ab", "k", ("team",))
    assert side_log(crashed / path.name) == []


def test_a_crash_between_the_table_and_the_side_log_doubles_nothing(path: Path, tmp_path: Path) -> None:
    """Segments that come back after their rows are in the table are removed, and nothing else happens."""
    with Store.open(path) as store:
        for number in range(3):
            store.audit.note(f"read {number}")
        (segment,) = side_log(path)
        left = segment.read_bytes()
        store.audit.gather()
        assert side_log(path) == []
        segment.write_bytes(left)
        store.audit.note("read 3")
        store.audit.gather()
        assert actions(store) == [f"read {number}" for number in range(4)]


def test_a_torn_last_line_is_left_out(path: Path) -> None:
    """What stands before it is kept."""
    with Store.open(path) as store:
        for action in ("whole", "torn"):
            store.audit.note(action)
    (segment,) = side_log(path)
    segment.write_bytes(segment.read_bytes()[:-20])
    with Store.open(path) as store:
        assert actions(store) == ["whole"]


def test_many_who_wait_share_one_flush_and_each_is_on_disk(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one flush is held up, twenty others come; they are written by the next one."""
    flush, held, let_go = os.fsync, threading.Event(), threading.Event()
    flushes = []
    store.audit.note("first")

    def slow(descriptor: int) -> None:
        flushes.append(descriptor)
        held.set()
        let_go.wait(10)
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    threads = [threading.Thread(target=store.audit.note, args=["held up"])]
    threads[0].start()
    held.wait(10)
    joined = [threading.Thread(target=store.audit.note, args=["joined"]) for _ in range(20)]
    for thread in joined:
        thread.start()
    while len(store.audit._reads._next.lines) < len(joined):
        assert all(thread.is_alive() for thread in joined)
    let_go.set()
    for thread in (*threads, *joined):
        thread.join()
    assert len(flushes) == 2
    (segment,) = side_log(path)
    assert len(segment.read_bytes().splitlines()) == 22


def test_a_row_that_cannot_be_written_says_so_and_the_next_one_is_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a line of a full disk spoils no later one."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreProblem, match=r"cannot write the audit to .*: No space left on device"):
            store.audit.note("lost")
    store.audit.note("kept")
    assert "kept" in [entry.action for entry in store.audit.page().entries]


def test_the_audit_is_read_in_pages_newest_first(store: Store) -> None:
    """Each row once; by call, key, action and time."""
    for number in range(5):
        store.audit.note("getCall" if number % 2 else "listJobs", call_id=f"call {number}", key_id=f"key {number % 2}")
    middle = store.audit.page().entries[2].done_at
    first = store.audit.page(limit=3)
    second = store.audit.page(limit=3, after=first.next)
    assert [entry.call_id for entry in (*first.entries, *second.entries)] == [f"call {n}" for n in (4, 3, 2, 1, 0)]
    assert second.next is None
    assert [entry.call_id for entry in store.audit.page(key_id="key 1").entries] == ["call 3", "call 1"]
    assert [entry.call_id for entry in store.audit.page(action="getCall", call_id="call 1").entries] == ["call 1"]
    assert [entry.call_id for entry in store.audit.page(since=middle).entries] == ["call 4", "call 3", "call 2"]
    assert [entry.call_id for entry in store.audit.page(until=middle).entries] == ["call 1", "call 0"]
    assert store.audit.page(teams=["North"]).entries == ()
    with pytest.raises(PageNotFound):
        store.audit.page(after=1)


def test_rows_of_an_older_store_are_known_by_a_number_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are told like those of reads."""
    step = next(at for at, step in enumerate(migrations.STEPS) if step.run is audit.create)
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", migrations.STEPS[:step])
        store = Store.open(path)
        with store._database.writing() as con:
            for action in ("erase", "correct"):
                con.execute("INSERT INTO audit VALUES (?, NULL, ?, NULL, NULL)", [datetime.now(UTC), action])
        store.close()
    with Store.open(path) as store:
        page = store.audit.page(limit=1)
        assert [*page.entries, *store.audit.page(after=page.next).entries] == list(store.audit.page().entries)
        assert len(store.audit.page().entries) == 2
