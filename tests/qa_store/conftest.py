"""A real store in a folder of its own."""

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


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


@pytest.fixture(scope="session")
def rubric() -> Rubric:
    return rubrics.load()


@pytest.fixture(scope="session")
def conversation() -> Transcript:
    """A written conversation of the demo."""
    return formats.read(min(qa.demo.FOLDER.glob("conversations/*.json")))
