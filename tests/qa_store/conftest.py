"""A real store in a folder of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import qa.demo
import rubric as rubrics
from qa.store import Store
from rubric import Rubric
from transcription import formats
from transcription.types import Transcript


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qa.duckdb"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, made once."""
    file = tmp_path_factory.mktemp("empty") / "qa.duckdb"
    Store.open(file).close()
    return file


@pytest.fixture
def store(empty: Path, path: Path) -> Iterator[Store]:
    shutil.copy(empty, path)
    with Store.open(path) as opened:
        yield opened


@pytest.fixture(scope="session")
def rubric() -> Rubric:
    return rubrics.load()


@pytest.fixture(scope="session")
def conversation() -> Transcript:
    """A written conversation of the demo."""
    return formats.read(min(qa.demo.FOLDER.glob("conversations/*.json")))
