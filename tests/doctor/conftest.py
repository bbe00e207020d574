"""A store to look at: made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import qa.demo
from qa import Metadata, Scoring, Store
from qa.doctor import look, subject
from qa.doctor.finding import Check, Finding

Look = Callable[..., dict[str, Finding]]


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those of the test."""
    for name in ("QA_STORE", "QA_SETTINGS", "QA_MODELS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a call of text, and two calls that wait, taken as over HTTP."""
    path = tmp_path_factory.mktemp("made") / "qa.duckdb"
    with Store.open(path) as store, Scoring(store) as scoring:
        scoring.score(min(qa.demo.FOLDER.glob("conversations/*.json")), Metadata(team="North"))
        for name in ("broadband.mp3", "car-repair.ogg"):
            recording = qa.demo.FOLDER / "calls" / name
            store.accept(sha256=store.files.keep(recording), metadata=Metadata(team="South", recording=name))
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    copy = tmp_path / "qa.duckdb"
    shutil.copy(made, copy)
    shutil.copytree(made.with_name("qa.duckdb.files"), tmp_path / "qa.duckdb.files")
    return copy


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A store without a call."""
    path = tmp_path / "empty.duckdb"
    Store.open(path).close()
    return path


@pytest.fixture
def looked() -> Look:
    """`looked(checks, store=…)`: what these checks find, by name."""

    def looked(checks: Mapping[str, Check], **given: str) -> dict[str, Finding]:
        with subject(**given) as one:  # type: ignore[arg-type]  # a test gives names alone
            return {finding.check: finding for finding in look(one, checks)}

    return looked


@pytest.fixture
def other_user(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For the test this process may do what files allow, and no more: root, who may do all, is somebody else."""
    import os

    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    yield
    os.seteuid(was)
