"""`qa.store.backup`: what is written, and what happens where it cannot be."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from qa import Metadata, Store
from qa.errors import StoreProblem
from qa.store import backup, database


@pytest.fixture
def filled(path: Path, tmp_path: Path) -> Path:
    """A store with two recordings, left with a log."""
    with Store.open(path) as store:
        for number in range(2):
            (tmp_path / "sound").write_bytes(b"sound %d" % number)
            store.accept(sha256=store.files.keep(tmp_path / "sound"), metadata=Metadata(team="North"))
    leave = (
        "import os, sys; from qa import Metadata, Store; s = Store.open(sys.argv[1]); "
        "s.accept(sha256='0' * 64, metadata=Metadata(team='East')); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", leave, str(path)], check=True)
    assert path.with_name(path.name + ".wal").stat().st_size > 0
    return path


def test_recordings_are_linked_and_the_log_is_worked_in(filled: Path, tmp_path: Path) -> None:
    """On one disk they take no room; the store is one file, and the one it was made of is as it was."""
    before = (filled.read_bytes(), filled.with_name(filled.name + ".wal").read_bytes())
    made = backup.of_file(filled, tmp_path / "backups")
    assert (made.calls, made.recordings) == (3, 2)
    copy = Path(made.path) / filled.name
    assert made.copied_bytes == copy.stat().st_size
    assert sorted(each.name for each in copy.parent.iterdir()) == ["qa.duckdb", "qa.duckdb.files"]
    assert (filled.read_bytes(), filled.with_name(filled.name + ".wal").read_bytes()) == before
    with Store.open(copy) as store:
        assert len(store.calls().calls) == 3


def test_the_store_stays_locked(filled: Path, tmp_path: Path) -> None:
    """Another process finds it held after a backup as before: a lock is lost with any descriptor that is closed."""
    with Store.open(filled) as store:
        store.back_up(tmp_path / "backups")
        opens = "import sys; from qa import Store; Store.open(sys.argv[1])"
        found = subprocess.run([sys.executable, "-c", opens, str(filled)], capture_output=True, text=True, check=False)
    assert found.returncode != 0
    assert "StoreHeld" in found.stderr


def test_on_another_disk_recordings_are_copied_once(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next backup there links those of the one before."""
    link = os.link

    def elsewhere(source: Path, target: Path) -> None:
        if str(source).startswith(f"{filled}.files"):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        link(source, target)

    monkeypatch.setattr(os, "link", elsewhere)
    first = backup.of_file(filled, tmp_path / "backups")
    Path(first.path).rename(tmp_path / "backups" / "qa-20260101T000000.000000Z")
    second = backup.of_file(filled, tmp_path / "backups")
    assert first.copied_bytes - second.copied_bytes == len(b"sound 0") + len(b"sound 1")
    with Store.open(Path(second.path) / filled.name) as store:
        assert sum(store.files.has(call.sha256) for call in store.calls().calls) == 2


def test_a_backup_that_cannot_be_written_leaves_nothing(filled: Path, tmp_path: Path) -> None:
    """One line that says where and why."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreProblem, match=r"cannot write a backup to .*file"):
        backup.of_file(filled, tmp_path / "file")


def test_a_store_that_lost_rows_on_the_way_is_no_backup(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log whose end is damaged on the way loses rows without a word: it is noticed, and nothing is kept."""
    copy = database._copy_apart

    def damages(source: Path, target: Path) -> None:
        copy(source, target)
        if target.suffix == ".wal":
            os.truncate(target, target.stat().st_size // 2)

    monkeypatch.setattr(database, "_copy_apart", damages)
    with pytest.raises(StoreProblem, match="does not hold what the store holds"):
        backup.of_file(filled, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_an_older_store_with_the_newest_files_knows_what_came_since(path: Path, tmp_path: Path) -> None:
    """Calls since come back as they were last corrected, and wait to be scored; what was erased since is erased again.

    A correction of a call that the older store has, and a key that was revoked since, are as they were.
    """

    def take(store: Store, name: str) -> str:
        (tmp_path / name).write_text(name)
        return store.accept(
            sha256=store.files.keep(tmp_path / name), metadata=Metadata(team="North", agent="Ada")
        ).call_id

    def correct(store: Store, call_id: str) -> None:
        store.correct(call_id, lambda said: replace(said, agent="Cy", contact_id=f"of {call_id}"))

    with Store.open(path) as store:
        erased, kept, both = take(store, "erased"), take(store, "kept"), take(store, "both")
        correct(store, both)
        key, text = store.create_key(name="old", roles=["read"])
    old = Path(backup.of_file(path, tmp_path / "backups").path) / path.name
    with Store.open(path) as store:
        since, erased_since = take(store, "since"), take(store, "erased since")
        for call_id in (since, kept):
            correct(store, call_id)
        store.erase([erased, erased_since])
        store.revoke_key(key.key_id)
    shutil.rmtree(old.with_name(f"{old.name}.files"))
    shutil.copytree(path.with_name(f"{path.name}.files"), old.with_name(f"{old.name}.files"))
    with Store.open(old) as store:
        agents = {call.call_id: call.metadata.agent for call in store.calls().calls}
        assert agents == {kept: "Ada", both: "Cy", since: "Cy"}
        assert store.row(since).metadata.contact_id == f"of {since}"
        assert store.queue() == {"queued": 3}
        assert store.key(text) is not None
        assert [store.erasure(call_id).call_id for call_id in (erased,)] == [erased]
        assert not store.files.has(hashlib.sha256(b"erased").hexdigest())


def test_calls_erased_since_do_not_come_back_with_an_older_backup_and_the_newest_tombstones(
    path: Path, tmp_path: Path
) -> None:
    """Its own recordings and sidecars, and `erased` of the newest: the call and its recording are gone again."""
    with Store.open(path) as store:
        (tmp_path / "sound").write_bytes(b"sound")
        call_id = store.accept(sha256=store.files.keep(tmp_path / "sound"), metadata=Metadata(team="North")).call_id
    old = Path(backup.of_file(path, tmp_path / "backups").path) / path.name
    with Store.open(path) as store:
        store.erase([call_id])
    shutil.copytree(path.with_name("qa.duckdb.files") / "erased", old.with_name("qa.duckdb.files") / "erased")
    with Store.open(old) as store:
        assert store.calls().calls == ()
        assert store.sidecars.all() == set()
        assert not store.files.has(hashlib.sha256(b"sound").hexdigest())


def test_a_call_that_came_and_was_erased_while_a_backup_was_made_is_gone(path: Path, tmp_path: Path) -> None:
    """The store's copy never knew it: its sidecar and its recording go, and a recording that another call has stays."""
    Store.open(path).close()
    bare = path.read_bytes()
    sounds = {}
    with Store.open(path) as store:
        for name in ("alone", "shared"):
            (tmp_path / name).write_text(name)
            sounds[name] = store.files.keep(tmp_path / name)
        gone = [store.accept(sha256=sha256, metadata=Metadata(team="North")).call_id for sha256 in sounds.values()]
        stays = store.accept(sha256=sounds["shared"], metadata=Metadata(team="South")).call_id
    for call_id in gone:
        (path.with_name("qa.duckdb.files") / "erased").mkdir(exist_ok=True)
        (path.with_name("qa.duckdb.files") / "erased" / call_id).touch()
    path.write_bytes(bare)
    with Store.open(path) as store:
        assert [call.call_id for call in store.calls().calls] == [stays]
        assert store.sidecars.all() == {stays}
        assert (store.files.has(sounds["alone"]), store.files.has(sounds["shared"])) == (False, True)
