"""What `qa doctor` says of a store and of what lies beside it."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qa import Metadata, Store
from qa.doctor import INSIDE, ROWS, examine
from qa.doctor import store as checks
from tests.doctor.conftest import Look

OPENS = {"store": checks.opens}


def _cut_head(path: Path) -> None:
    os.truncate(path, 5000)


def _cut_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _noise(path: Path) -> None:
    path.write_bytes(b"\x07" * 20_000)


def _one_byte(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"?")


def _newer(path: Path) -> None:
    """As a DuckDB would write it whose form has number 9999, with the checksum of its first block."""
    block = bytearray(path.read_bytes()[:4096])
    block[12:20] = struct.pack("<Q", 9999)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", block[8:]):
        checksum ^= word * 0xBF58476D1CE4E5B9 % (1 << 64)
    block[:8] = struct.pack("<Q", checksum)
    with path.open("r+b") as file:
        file.write(block)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _gone(path: Path) -> None:
    path.unlink()


def _not_ours(path: Path) -> None:
    import duckdb

    path.unlink()
    with duckdb.connect(path) as con:
        con.execute("CREATE TABLE other (it INTEGER)")


@pytest.mark.parametrize(
    ("harm", "check", "words"),
    [
        (_cut_head, "store", "is cut off; put it back from a backup"),
        (_noise, "store", "is not a store"),
        (_one_byte, "store", "is damaged"),
        (_newer, "store", "a newer version wrote it"),
        (_folder, "store", "is a folder"),
        (_gone, "store", "recordings of one lie beside it"),
        (_not_ours, "version of the store", "not a store of calls"),
    ],
)
def test_a_broken_store_is_told_in_words(
    path: Path, looked: Look, harm: Callable[[Path], None], check: str, words: str
) -> None:
    """Wrong, with what it is and what to do, and never as a check that broke itself."""
    harm(path)
    found = looked(OPENS if check == "store" else INSIDE, store=str(path))[check]
    assert (found.state, words in found.found) == ("wrong", True), found
    assert found.do
    assert "could not be looked at" not in found.found


def test_a_store_that_lacks_its_end_is_told_in_words(path: Path) -> None:
    """Where DuckDB notices it, and where it does not: a file whose end holds rows alone can be opened."""
    _cut_half(path)
    told = {finding.check: finding for finding in examine(store=str(path))}
    wrong = next(told[name] for name in ("store", "file of the store") if told[name].state == "wrong")
    assert "it was cut off" in (wrong.do or "") or "is cut off; put it back from a backup" in wrong.found
    assert "recordings" not in told


def test_a_store_that_was_cut_and_can_be_opened_is_told(empty: Path, looked: Look) -> None:
    """By its own length."""
    _cut_half(empty)
    found = looked(INSIDE, store=str(empty))["file of the store"]
    assert (found.state, "lacks" in found.found) == ("wrong", True)


def test_a_store_of_somebody_else_is_told_in_words(path: Path, looked: Look, other_user: None) -> None:
    """Wrong, and whose turn it is."""
    found = looked(OPENS, store=str(path))["store"]
    assert (found.state, "may not be opened by this user" in found.found) == ("wrong", True), found


def test_a_missing_folder_is_told_in_words(tmp_path: Path, looked: Look) -> None:
    """Of the store, and of its disk."""
    from qa.doctor import disk

    found = looked({**OPENS, "room": disk.room, "flush": disk.flushing, "kind": disk.kind}, store="/nowhere/qa.duckdb")
    assert [found[name].state for name in ("store", "room", "flush")] == ["wrong"] * 3
    assert "there is no folder /nowhere" in found["store"].found


def test_a_sound_store_is_all_well(path: Path, looked: Look) -> None:
    """With its figures."""
    found = looked({**OPENS, **INSIDE, **ROWS}, store=str(path))
    assert {name: finding.state for name, finding in found.items()} == dict.fromkeys(found, "ok")
    assert found["recordings"].found == "2, each of a call"
    assert found["sidecars"].found == "2, each of a call"
    assert found["queue"].found == "2 wait, 0 failed"


def test_what_lies_beside_the_store_and_does_not_fit_is_named(path: Path, looked: Look) -> None:
    """A recording and a sidecar that are gone, and others that no call has."""
    files = path.with_name("qa.duckdb.files")
    recordings = sorted(files.glob("??/" + "?" * 64))
    known = sorted(files.glob("calls/*/*.json"))
    odd = files / "aa" / ("a" * 64)
    odd.parent.mkdir(exist_ok=True)
    odd.write_bytes(b"of no call")
    alone = files / "calls" / "zz" / "zz0000000000.json"
    alone.parent.mkdir()
    alone.write_bytes(known[0].read_bytes())
    found = looked(ROWS, store=str(path))
    assert (found["recordings"].state, odd.name in found["recordings"].found) == ("warning", True)
    assert (found["sidecars"].state, "zz0000000000" in found["sidecars"].found) == ("warning", True)

    recordings[0].unlink()
    known[0].unlink()
    found = looked(ROWS, store=str(path))
    assert (found["recordings"].state, "1 of 2 calls have none" in found["recordings"].found) == ("wrong", True)
    assert (found["sidecars"].state, known[0].stem in found["sidecars"].found) == ("wrong", True)


def test_what_is_left_to_do_is_told(path: Path, looked: Look) -> None:
    """Jobs that can be tried again, erasures that are not out of every file."""
    with Store.open(path) as store:
        job = store.claim()
        assert job is not None
        store.finish(job.job_id, error="its worker was lost", can_retry=True)
        text = next(row.call_id for row in store.calls().calls if row.metadata.team == "North")
        store.erase([text])
    found = looked(ROWS, store=str(path))
    assert (found["queue"].state, found["queue"].found) == ("warning", "1 wait, 1 failed, 1 of them can be tried again")
    assert (found["erasures"].state, text in found["erasures"].found) == ("warning", True)


def test_keys_that_let_nobody_in_are_told(path: Path, looked: Look) -> None:
    """None while it is to be reached from elsewhere, and all of them revoked."""
    assert looked(ROWS, store=str(path), host="0.0.0.0")["keys"].state == "wrong"  # noqa: S104 - what is to be refused
    with Store.open(path) as store:
        key, _ = store.create_key(name="phones", roles=["upload"])
    assert looked(ROWS, store=str(path))["keys"].state == "warning"
    with Store.open(path) as store:
        store.revoke_key(key.key_id)
    found = looked(ROWS, store=str(path))["keys"]
    assert (found.state, found.found) == ("wrong", "0 good, 1 revoked: nobody can ask the server")


def test_leftovers_are_named_with_their_size(path: Path, looked: Look) -> None:
    """Of uploads, sidecars, readers, downloads, and logs put aside."""
    files = path.with_name("qa.duckdb.files")
    left = [
        files / "incoming" / "half",
        next(files.glob("calls/*")) / "tmpabcdef",
        path.with_name("qa.duckdb.wal.damaged-1"),
        path.with_name("qa.duckdb.rewriting"),
        path.parent / "snapshot-x" / "snapshot.duckdb",
    ]
    for each in left:
        each.parent.mkdir(exist_ok=True)
        each.write_bytes(b"x" * 1000)
    found = looked({"left": checks.leftovers}, store=str(path))["left"]
    assert (found.state, found.found.startswith("5, 5.0 kB: ")) == ("warning", True), found


def test_a_store_of_an_older_version_is_told(path: Path, looked: Look) -> None:
    """It is brought up to date by its next owner, and a backup comes first."""
    import duckdb

    from qa.store.migrations import STEPS

    with duckdb.connect(path) as con:
        con.execute("DELETE FROM migrations WHERE step = ?", [len(STEPS)])
    found = looked(INSIDE, store=str(path))["version of the store"]
    assert (found.state, found.found) == ("warning", f"{len(STEPS) - 1} of {len(STEPS)}: an older version made it")


def test_who_holds_the_store_is_told(path: Path, looked: Look) -> None:
    """A process that is no server; nothing of it is waited for."""
    hold = "import sys; from qa import Store; s = Store.open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        found = looked({**OPENS, "left": checks.leftovers}, store=str(path))
        holder.communicate()
    assert found["store"].state == "warning"
    assert f"held by process {holder.pid}" in found["store"].found
    assert found["left"].state == "ok"


def test_nothing_is_changed(path: Path) -> None:
    """Not a byte, a time or a name, of a store that was left with a log by a process that was killed."""
    leave = (
        "import os, sys; from qa import Metadata, Store; s = Store.open(sys.argv[1]); "
        "s.accept(sha256='0' * 64, metadata=Metadata(team='East')); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", leave, str(path)], check=True)
    assert path.with_name("qa.duckdb.wal").stat().st_size > 0

    def state() -> dict[str, tuple[int, bytes | None]]:
        return {
            str(each): (each.stat().st_mtime_ns, each.read_bytes() if each.is_file() else None)
            for each in sorted([path.parent, *path.parent.rglob("*")])
        }

    before = state()
    found = {finding.check: finding for finding in examine(store=str(path))}
    assert state() == before
    assert "0 bytes" not in found["log of the store"].found
    assert found["recordings"].found.startswith("1 of 3 calls have none")


def test_what_was_taken_without_a_queue_needs_no_sidecar(path: Path, looked: Look) -> None:
    """A call of text has none, also once it has been queued to be scored again."""
    with Store.open(path) as store:
        text = next(row.call_id for row in store.calls().calls if row.metadata.team == "North")
        store.correct(text, lambda said: Metadata(team=said.team, recording=said.recording, language="de"))
    assert looked(ROWS, store=str(path))["sidecars"].state == "ok"


def test_the_age_of_the_newest_backup_is_told(path: Path, looked: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server has a folder for them: none, a new one, one that is too old."""
    from qa.store import backup

    few = {"backups": checks.backups}
    folder = path.parent / "kept"
    assert looked(few, store=str(path))["backups"].state == "ok"
    monkeypatch.setenv("QA_BACKUPS", str(folder))
    assert looked(few, store=str(path))["backups"].state == "warning"
    made = backup.of_file(path, folder)
    assert looked(few, store=str(path))["backups"].found == "1, the newest 0 s old"
    os.utime(made.path, (made.made_at.timestamp() - 5 * 86_400,) * 2)
    found = looked(few, store=str(path))["backups"]
    assert (found.state, found.found) == ("warning", "the newest is 5 days old")
