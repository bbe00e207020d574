"""What was acknowledged stands, whatever happens to the end of the store's log: the disk is the witness."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from qa import Metadata, Store
from qa.store.sidecars import Sidecar, Sidecars
from tests.qa_store.examples import sha256
from tests.waiting import until

SAID = Metadata(
    recording="a.wav", team="North", agent="Ana", contact_id="1", direction="inbound", language="en", extra={"x": [1]}
)


def cut(log: bytes) -> bytes:
    return log[: len(log) // 2]


def flip(log: bytes) -> bytes:
    if not log:
        return log
    middle = len(log) // 3
    return log[:middle] + bytes([log[middle] ^ 0xFF]) + log[middle + 1 :]


def nothing(_: bytes) -> bytes:
    return b""


def rubbish(log: bytes) -> bytes:
    return bytes(reversed(log))


def crashed(path: Path, into: Path, damage: Callable[[bytes], bytes]) -> Path:
    """The store as a power cut would leave it, its log damaged: a copy taken while it is open."""
    copy = into / path.name
    shutil.copy(path, copy)
    shutil.copytree(path.with_name(path.name + ".files"), copy.with_name(copy.name + ".files"))
    log = path.with_name(path.name + ".wal")
    copy.with_name(log.name).write_bytes(damage(log.read_bytes() if log.exists() else b""))
    return copy


@pytest.mark.parametrize("damage", [cut, flip, nothing, rubbish])
def test_calls_that_were_taken_are_put_back_and_queued(
    path: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """With all that was said of them, under the ids that were given out, once each."""
    (tmp_path / "crashed").mkdir()
    with Store.open(path) as store:
        ids = [
            store.accept(sha256=sha256(f"{n}.wav"), metadata=msgspec.structs.replace(SAID, contact_id=str(n))).call_id
            for n in range(20)
        ]
        said = [store.row(call_id).metadata for call_id in ids]
        copy = crashed(path, tmp_path / "crashed", damage)
    with Store.open(copy) as store:
        assert [store.row(call_id).metadata for call_id in ids] == said
        assert store.queue() == {"queued": 20}
    with Store.open(copy) as store:
        assert store.queue() == {"queued": 20}


@pytest.mark.parametrize("damage", [cut, flip, nothing, rubbish])
def test_what_was_corrected_and_cancelled_stays_so(
    path: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """Both are in the store's own file before they are answered, with the audit of them."""
    (tmp_path / "crashed").mkdir()
    with Store.open(path) as store:
        one = store.accept(sha256=sha256("a.wav"), metadata=SAID)
        store.correct(one.call_id, lambda known: msgspec.structs.replace(known, agent="Ben", team="South"))
        store.cancel(one.job_id)
        copy = crashed(path, tmp_path / "crashed", damage)
    with Store.open(copy) as store:
        row = store.row(one.call_id)
        assert (row.metadata.agent, row.metadata.team, row.state) == ("Ben", "South", "cancelled")
        assert store.sql("SELECT action FROM audit ORDER BY done_at").rows == (("correct",), ("cancel",))


def test_somebody_who_reads_does_not_keep_a_correction_from_the_disk(path: Path, tmp_path: Path) -> None:
    """It waits for who began before it, is not refused, and stands in the store's own file then."""
    (tmp_path / "crashed").mkdir()
    with Store.open(path) as store, ThreadPoolExecutor(1) as pool:
        one = store.accept(sha256=sha256("a.wav"), metadata=SAID)
        with store._database.reading() as con:
            assert con.execute("SELECT agent FROM calls").fetchall() == [("Ana",)]
            correction = pool.submit(store.correct, one.call_id, lambda known: replace(known, agent="Ben"))
            until(lambda: store.row(one.call_id).metadata.agent == "Ben")
        assert correction.result().metadata.agent == "Ben"
        copy = crashed(path, tmp_path / "crashed", nothing)
    with Store.open(copy) as store:
        assert store.row(one.call_id).metadata.agent == "Ben"


def test_a_sidecar_that_cannot_be_read_stops_nothing(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log, and the others are put back."""
    sidecars = Sidecars(path.with_name(path.name + ".files") / "calls")
    with Store.open(path) as store:
        good = store.accept(sha256=sha256("a.wav"), metadata=SAID).call_id
        store.sidecars.path("zz" + good[2:]).parent.mkdir()
        store.sidecars.path("zz" + good[2:]).write_bytes(b"{")
        (tmp_path / "crashed").mkdir()
        copy = crashed(path, tmp_path / "crashed", nothing)
    assert sidecars.all() == {good, "zz" + good[2:]}
    with Store.open(copy) as store:
        assert store.row(good).metadata == SAID
    assert "zz" + good[2:] in caplog.text


def test_a_contact_id_that_another_call_has_by_now_is_left_out(path: Path) -> None:
    """A call is put back without it rather than not at all."""
    with Store.open(path) as store:
        first = store.accept(sha256=sha256("a.wav"), metadata=SAID)
        store.sidecars.put(
            Sidecar(
                call_id="ffffffffffff",
                sha256=sha256("b.wav"),
                received_at=first.enqueued_at,
                metadata=SAID,
            )
        )
    with Store.open(path) as store:
        assert store.row("ffffffffffff").metadata == msgspec.structs.replace(SAID, contact_id=None)
