import contextlib
import hashlib
import os
from pathlib import Path

import pytest

from qa.errors import StoreProblem
from qa.store import Store
from qa.store.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "qa.duckdb.files")


def test_a_recording_is_kept_beside_the_store_by_the_hash_of_its_bytes(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"sound")
    sha256 = store.files.keep(tmp_path / "a.wav")
    assert sha256 == hashlib.sha256(b"sound").hexdigest()
    assert store.files.path(sha256) == store.path.parent / "qa.duckdb.files" / sha256[:2] / sha256
    assert store.files.path(sha256).read_bytes() == b"sound"
    assert store.files.holds(store.files.path(sha256))
    assert not store.files.holds(tmp_path / "a.wav")


def test_bytes_that_come_in_pieces_are_kept_whole(files: Files) -> None:
    with files.incoming() as incoming:
        for _ in range(3):
            incoming.write(b"piece")
        assert incoming.size_bytes == 15
        incoming.settle()
        sha256 = incoming.keep()
    assert files.path(sha256).read_bytes() == b"piece" * 3
    assert files.keep(files.path(sha256)) == sha256


def test_what_is_not_kept_leaves_nothing(files: Files) -> None:
    with contextlib.suppress(RuntimeError), files.incoming() as incoming:
        incoming.write(b"half")
        raise RuntimeError
    with files.incoming() as incoming:
        incoming.write(b"half")
    assert [path for path in files.root.rglob("*") if path.is_file()] == []


def test_the_file_then_its_name_are_flushed_to_disk_before_the_hash_is_given(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    real = os.fsync

    def spy(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    with files.incoming() as incoming:
        incoming.write(b"sound")
        incoming.settle()
        sha256 = incoming.keep()
    assert flushed[1:] == [sha256[:2], files.root.name, files.root.parent.name]


def test_what_a_dead_process_left_half_written_is_swept_when_the_store_opens(path: Path) -> None:
    with Store.open(path) as store:
        with store.files.incoming() as incoming:
            incoming.write(b"kept")
            incoming.settle()
            sha256 = incoming.keep()
        (store.files.root / "incoming" / "half").write_bytes(b"half")
    with Store.open(path) as store:
        assert not (store.files.root / "incoming" / "half").exists()
        assert store.files.has(sha256)


def test_what_is_on_its_way_in_stays_when_the_store_is_opened_a_second_time(store: Store) -> None:
    """By the process that has it open, as a program that serves and scores may."""
    with store.files.incoming() as incoming:
        incoming.write(b"sound")
        with Store.open(store.path):
            pass
        incoming.settle()
        assert store.files.has(incoming.keep())


def test_a_file_that_cannot_be_read_or_written_is_named(files: Files, tmp_path: Path) -> None:
    with pytest.raises(StoreProblem, match=r"cannot read .*none\.wav"):
        files.keep(tmp_path / "none.wav")
    files.root.write_text("a file where the folder should be")
    with pytest.raises(StoreProblem, match="cannot write recordings"), files.incoming():
        pass
