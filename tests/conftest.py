"""What several areas' tests share: `base`, fetched once and far from the user's models, and recordings scored once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from qa import Scoring, Store, StoredCall

DATA = Path(__file__).parent / "data"

FETCH = """
from transcription import models
from transcription.errors import ModelProblem
seen = []
try:
    model = models.fetch("base", lambda done, total: seen.append((done, total)))
except ModelProblem as problem:
    raise SystemExit(str(problem))
print(model.sha256, len(seen) > 0, seen[-1:] in ([], [(150226579, 150226579)]))
"""


class Fetched(NamedTuple):
    """A model folder into which two processes fetched base at the same time, and what each said."""

    folder: Path
    said: list[str]

    @property
    def base(self) -> Path:
        return self.folder / "base"


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Fetched:
    """base, as `qa models fetch` brings it; the test is skipped where pip does not reach its index."""
    folder = tmp_path_factory.mktemp("models")
    (folder / ".base-killed").mkdir()
    (folder / ".base-killed" / "half").write_bytes(b"of a fetch that was killed")
    command = [sys.executable, "-c", FETCH]
    environment = os.environ | {"QA_MODELS": str(folder)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, env=environment, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    ended = [process.communicate() for process in running]
    for _, err in ended:
        if err.startswith("pip cannot get the packages") and "HASHES" not in err:
            pytest.skip(err.strip())
        assert not err, err
    return Fetched(folder, [out.strip() for out, _ in ended])


Scored = Callable[..., StoredCall]


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scored]:
    """`scored(name, model)`: the call of a recording of tests/data, transcribed once whoever asks for it."""
    with Store.open(tmp_path_factory.mktemp("scored") / "qa.duckdb") as store:

        @cache
        def score(name: str, model: str = "tiny.en") -> StoredCall:
            with Scoring(store, model=model) as scoring:
                return scoring.score(DATA / name)

        yield score
