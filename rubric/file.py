"""The rubric file: its form, reading it with errors that name the path, and its version.

A rubric is TOML. Its form is the types below, so a key that is not there is refused with its path and the nearest
right key (`rubric.checking`). The version is a hash of what the rubric means: order of keys and criteria, comments and
defaults written out or left out do not change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec

from rubric import checking
from rubric.criteria import Check
from rubric.errors import RubricProblem
from rubric.tables import Points, Share, Table, Wrong
from rubric.thresholds import InterruptionThresholds

_ID = "it is small letters, digits and _, a letter first: greets_by_name"


class Criterion(Table, frozen=True):
    """One question of the rubric: what it is worth, and how it is checked."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$", description=_ID)]
    question: Annotated[str, msgspec.Meta(min_length=1, description="say what it asks, for agents to read")]
    max_points: Points
    check: Check
    critical: bool = False


class Rubric(Table, frozen=True):
    """A rubric as read. `version` is in `rubric_version`, for it is made from this, not written in it."""

    id: str
    title: str
    criteria: Annotated[tuple[Criterion, ...], msgspec.Meta(min_length=1, description="add at least one [[criteria]]")]
    language: str = "en"
    coverage_floor: Share = 0.6
    min_word_probability: Share = 0.7
    interruptions: InterruptionThresholds = InterruptionThresholds()

    def wrong(self) -> Iterator[Wrong]:
        """An id that is there twice."""
        ids = [criterion.id for criterion in self.criteria]
        for number, each in enumerate(ids):
            if each in ids[:number]:
                yield Wrong(f"criteria[{number}].id", f"id {each!r} is there twice", "give each its own")

    @property
    def version(self) -> str:
        """Twelve hex digits of the hash of the rubric's meaning."""
        meaning = msgspec.to_builtins(self)
        meaning["criteria"] = sorted(meaning["criteria"], key=lambda criterion: str(criterion["id"]))
        return hashlib.sha256(msgspec.json.encode(meaning, order="sorted")).hexdigest()[:12]


def load(path: Path | None = None) -> Rubric:
    """Read a rubric file, or the default one; raises RubricProblem with the file, the path in it and the cure."""
    name = str(path) if path is not None else "default.toml"
    try:
        raw = path.read_bytes() if path is not None else files("rubric").joinpath("default.toml").read_bytes()
    except OSError as error:
        raise RubricProblem(f"{name}: cannot be read ({error.strerror}); name a rubric file in TOML") from error
    return parse(raw, name)


def parse(raw: bytes, name: str) -> Rubric:
    """A rubric from the bytes of a TOML file; `name` stands in the errors."""
    try:
        data = msgspec.toml.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = checking.not_toml(raw.decode(errors="replace"), " ".join(str(error).split()))
        raise RubricProblem(f"{name}: {reason}") from error
    if wrong := checking.problems(data, Rubric):
        raise RubricProblem(*(f"{name}: {each}" for each in wrong))
    return msgspec.convert(data, Rubric)
