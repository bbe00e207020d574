"""The dispatcher, where the work goes wrong in ways that recordings do not bring about."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path
from typing import Any

import pytest

from qa import Metadata, Scoring, Store, StoredCall
from qa.jobs.dispatcher import Dispatcher


class _Broken(Scoring):
    """Scoring with a bug."""

    def score(self, *_args: Any, **_options: Any) -> StoredCall:
        raise ZeroDivisionError("a secret")


class _Endless(Scoring):
    """Scoring of a recording that takes for ever, telling its progress."""

    begun = threading.Event()

    def score(self, *_args: Any, **options: Any) -> StoredCall:
        while True:
            self.begun.set()
            options["progress"](0.5)


def _enqueue(store: Store) -> str:
    with store.files.incoming() as incoming:
        incoming.write(b"RIFF")
        return store.accept(sha256=incoming.settle(), metadata=Metadata(), keep=incoming.keep).call_id


def _after(times: int, store: Store, what: str, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """An event that comes when the store has done something so many times; the store does it all the same."""
    event, done, real = threading.Event(), itertools.count(1), getattr(store, what)

    def and_tell(*arguments: Any, **options: Any) -> None:
        real(*arguments, **options)
        if next(done) >= times:
            event.set()

    monkeypatch.setattr(store, what, and_tell)
    return event


def test_a_bug_fails_the_job_and_not_the_queue(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call fails with the kind of error alone; the log has the rest; the next call is taken."""
    with Store.open(tmp_path / "qa.duckdb") as store, _Broken(store) as scoring:
        ended = _after(1, store, "finish", monkeypatch)
        dispatcher = Dispatcher(scoring)
        dispatcher.start()
        try:
            for _ in range(2):
                call_id = _enqueue(store)
                dispatcher.wake()
                assert ended.wait(30)
                ended.clear()
                row = store.row(call_id)
                assert row.state == "failed"
                assert row.error is not None
                assert "ZeroDivisionError" in row.error
                assert "secret" not in row.error
        finally:
            dispatcher.stop()
    assert "a secret" in caplog.text


def test_stopping_breaks_off_what_runs(tmp_path: Path) -> None:
    """A job that is broken off waits again, and the try is not counted against it."""
    with Store.open(tmp_path / "qa.duckdb") as store, _Endless(store) as scoring:
        call_id = _enqueue(store)
        dispatcher = Dispatcher(scoring)
        dispatcher.start()
        assert scoring.begun.wait(10)
        dispatcher.stop()
        assert store.row(call_id).state == "queued"
        assert store.sql("SELECT attempts FROM jobs").rows == ((0,),)
