"""The rubric file: its form, reading it with errors that name the path, and its version.

A rubric is TOML. Its form is the types below, read by msgspec, so a key that is not there is refused with its path
and the nearest right key. The version is a hash of what the rubric means: order of keys and criteria, comments and
defaults written out or left out do not change it.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated, get_args

import msgspec

from rubric.criteria import Check
from rubric.errors import RubricProblem
from rubric.tables import Points, Share, Table
from rubric.thresholds import InterruptionThresholds


class Criterion(Table, frozen=True):
    """One question of the rubric: what it is worth, and how it is checked."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
    question: str
    max_points: Points
    check: Check
    critical: bool = False


class Rubric(Table, frozen=True):
    """A rubric as read. `version` is in `rubric_version`, for it is made from this, not written in it."""

    id: str
    title: str
    criteria: Annotated[tuple[Criterion, ...], msgspec.Meta(min_length=1)]
    language: str = "en"
    coverage_floor: Share = 0.6
    min_word_probability: Share = 0.7
    interruptions: InterruptionThresholds = InterruptionThresholds()

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
        rubric = msgspec.toml.decode(raw, type=Rubric)
    except msgspec.ValidationError as error:
        raise RubricProblem(f"{name}: {_explain(str(error), raw)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise RubricProblem(f"{name}: is not TOML: {reason}") from error
    ids = [criterion.id for criterion in rubric.criteria]
    for number, each in enumerate(ids):
        if each in ids[:number]:
            raise RubricProblem(
                f"{name}: id {each!r} at $.criteria[{number}], criterion {number + 1}, is there twice; "
                "give each its own"
            )
    return rubric


_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`(?: - at `(?P<path>[^`]*)`)?")
_KEYS: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "$": (Rubric,),
    "$.interruptions": (InterruptionThresholds,),
    "$.criteria[]": (Criterion,),
    "$.criteria[].check": get_args(Check),
}


def _explain(error: str, raw: bytes) -> str:
    """msgspec's sentence in one line of ours: which criterion, and what could have stood there."""
    found = _UNKNOWN.search(error)
    if found is None:
        _, _, path = error.rpartition(" - at ")
        kinds = ", ".join(str(check.__struct_config__.tag) for check in get_args(Check))
        hint = f"; it is one of {kinds}" if path.endswith(".check.kind`") else ""
        sentence = _lower_first(error.replace(" - at ", " at ").replace("`", "'"))
        return f"{sentence}{_criterion(path, raw)}{hint}"
    key, path = found["key"], found["path"] or "$"
    known = {
        field
        for struct in _KEYS.get(re.sub(r"\[[^\]]*\]", "[]", path), ())
        for field in (*struct.__struct_fields__, *_tag_of(struct))
    }
    near = difflib.get_close_matches(key, sorted(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; keys here are {', '.join(sorted(known))}" if known else ""
    return f"unknown key {key!r} at {path}{_criterion(path, raw)}{hint}"


def _criterion(path: str, raw: bytes) -> str:
    """The criterion of a path as its author counts and calls it: `, criterion 1 (listens)`."""
    found = re.search(r"\$\.criteria\[(\d+)\]", path)
    if found is None:
        return ""
    criterion = msgspec.toml.decode(raw)["criteria"][int(found[1])]
    name = criterion.get("id") if isinstance(criterion, dict) else None
    return f", criterion {int(found[1]) + 1}" + (f" ({name})" if isinstance(name, str) else "")


def _tag_of(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    tag = struct.__struct_config__.tag_field
    return (tag,) if tag else ()


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
