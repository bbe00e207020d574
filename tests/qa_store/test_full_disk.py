"""A disk that is full: what could not be written leaves nothing behind, and all goes on by itself when there is room.

The room is taken by a limit of this process: no file can grow beyond it, and DuckDB fails as on a full disk.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.serving import without_room
from qa import Metadata, Store
from qa.errors import StoreFull, StoreHeld
from qa.store.database import REWRITING
from tests.qa_store.examples import sha256
from tests.waiting import until


@pytest.fixture(autouse=True)
def _no_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # a module's cache would be cut off as well


def log_bytes(path: Path) -> int:
    return path.with_name(path.name + ".wal").stat().st_size


def fill(store: Store, count: int) -> list[str]:
    """So many calls, 40 kB each, which stay in the log."""
    extra = [{"notes": random.Random(n).randbytes(20_000).hex()} for n in range(count)]
    return [store.accept(sha256=sha256(str(n)), metadata=Metadata(extra=said)).call_id for n, said in enumerate(extra)]


def test_a_call_that_finds_no_room_is_not_taken(store: Store, path: Path) -> None:
    """Neither now nor at the next start, which would find its sidecar; what was there can be read meanwhile."""
    store.accept(sha256=sha256("a.wav"), metadata=Metadata(recording="a.wav"))
    with without_room(above_bytes=log_bytes(path)):
        with pytest.raises(StoreFull, match="make room, and it goes on by itself"):
            store.accept(sha256=sha256("b.wav"), metadata=Metadata(recording="b.wav"))
        assert [row.metadata.recording for row in store.calls().calls] == ["a.wav"]
    assert len(store.sidecars.all()) == 1
    store.accept(sha256=sha256("c.wav"), metadata=Metadata(recording="c.wav"))
    store.close()
    with Store.open(path) as again:
        assert {row.metadata.recording for row in again.calls().calls} == {"a.wav", "c.wav"}


def test_a_checkpoint_that_finds_no_room_ends_neither_reading_nor_the_store(path: Path) -> None:
    """DuckDB refuses everything after it; the store is opened anew, and what was acknowledged is there."""
    with Store.open(path) as store:
        keys = [store.create_key(name="first", roles=["read"])[1]]
        fill(store, 8)
        with without_room(above_bytes=path.stat().st_size + 1000):
            for _ in range(2):
                with pytest.raises(StoreFull):
                    store.create_key(name="refused", roles=["read"])
                assert store.key(keys[0]) is not None
                assert len(store.calls().calls) == 8
        keys.append(store.create_key(name="second", roles=["read"])[1])
    with Store.open(path) as again:
        assert all(again.key(text) for text in keys)
        assert len(again.calls().calls) == 8


def test_an_erasure_that_finds_no_room_to_write_the_store_anew_is_done_later(path: Path) -> None:
    """What was written of the new file so far is gone; the store, and what can be read of it, is as it was."""
    with Store.open(path) as store:
        ids = fill(store, 4)
        store.erase(ids[:1])
        with without_room(above_bytes=path.stat().st_size // 2):
            with pytest.raises(StoreFull):
                store.sweep()
            assert [file.name for file in path.parent.iterdir() if REWRITING in file.name] == []
            assert len(store.calls().calls) == 3
            assert store.erasure(ids[0]).done_at is None
        assert [receipt.call_id for receipt in store.sweep()] == ids[:1]
        assert len(store.calls().calls) == 3


VISIT = """
import sys, time, duckdb
print("ready", flush=True)
for visit in range(2):
    while True:
        try:
            con = duckdb.connect(sys.argv[1])
            break
        except duckdb.Error:
            pass
    con.execute(f"CREATE TABLE visit_{visit} (i INTEGER)")
    time.sleep(0.2)
    con.close()
    print("visited", flush=True)
"""


def test_who_opens_the_store_while_it_is_written_anew_writes_into_the_new_one(path: Path) -> None:
    """Somebody tries all the time: what they write is not thrown away, and the store is ours again when they go."""
    with Store.open(path) as store:
        kept = store.accept(sha256=sha256("kept"), metadata=Metadata()).call_id
        with subprocess.Popen([sys.executable, "-c", VISIT, str(path)], stdout=subprocess.PIPE, text=True) as visitor:
            assert visitor.stdout is not None
            assert visitor.stdout.readline() == "ready\n"
            for n in range(15):
                if visitor.poll() is not None:
                    break
                until(lambda: _open(store))
                store.erase([store.accept(sha256=sha256(str(n)), metadata=Metadata()).call_id])
                with contextlib.suppress(StoreHeld):
                    store.sweep()
            visitor.kill()
            visits = visitor.stdout.read().count("visited")
        until(lambda: _open(store))
        assert store.row(kept).state == "queued"
        found = store.sql("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'visit_%'").rows
        assert found == ((visits,),)


def _open(store: Store) -> bool:
    try:
        return store.teams() != ()
    except StoreHeld:
        return False


def test_the_log_of_a_store_that_somebody_holds_is_left_alone(tmp_path: Path) -> None:
    """Whatever the store is called: a log is put aside where it is damaged alone."""
    path = tmp_path / "WAL" / "replaying WAL.duckdb"
    path.parent.mkdir()
    with Store.open(path) as store:
        store.accept(sha256=sha256("a.wav"), metadata=Metadata())
        code = "import sys; from qa import Store; Store.open(sys.argv[1])"
        tried = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
        assert "StoreHeld" in tried.stderr
        assert log_bytes(path) > 0
