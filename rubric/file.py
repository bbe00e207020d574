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

from rubric.errors import RubricProblem
from rubric.thresholds import InterruptionThresholds

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Points = Annotated[float, msgspec.Meta(gt=0.0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Rate = Annotated[float, msgspec.Meta(ge=0.0)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the rubric file: unknown keys are refused."""


class Listens(_Table, frozen=True, tag_field="kind", tag="listens"):
    """Does the agent let the customer finish, and understand before fixing?

    partly_count, partly_rate   so many interruptions, and so many per customer turn, and it is partly at best
    missed_count, missed_rate   the same for missed
    venting_weight              an interruption of a customer who vents counts so many times
    explains_turns              with no problem stated and fewer customer turns than this there is nothing to listen to
    fix_problems                from so many turns that state a problem on, the agent must show understanding
    shows                       where nothing was put back, at least so many questions to understand
    waved_off                   so many dismissive turns with nothing put back, and it is missed
    """

    partly_count: Rate = 2
    partly_rate: Rate = 0.1
    missed_count: Rate = 3
    missed_rate: Rate = 0.15
    venting_weight: Rate = 2.0
    explains_turns: Count = 3
    fix_problems: Count = 2
    shows: Count = 3
    waved_off: Count = 2


class Validates(_Table, frozen=True, tag_field="kind", tag="validates"):
    """Are the feelings and the trouble that the customer shows acknowledged, and soon?

    within_turns   an acknowledgement counts up to so many agent turns after the moment
    met_share      share of the moments that must be acknowledged for met
    met_count      or so many different acknowledgements in the call
    waved_off      so many dismissive turns, and more than acknowledgements, and it is missed
    """

    within_turns: Count = 2
    met_share: Share = 0.3
    met_count: Count = 2
    waved_off: Count = 3


class Paraphrases(_Table, frozen=True, tag_field="kind", tag="paraphrases"):
    """Does the agent check their understanding by putting it back?

    simple_problems   with fewer turns that state a problem there is nothing to put back
    waved_off         so many dismissive turns, and it is partly at best
    """

    simple_problems: Count = 2
    waved_off: Count = 3


class OffersAlternatives(_Table, frozen=True, tag_field="kind", tag="offers_alternatives"):
    """When the wish cannot be met as asked, are other ways offered?

    within_turns   an offer answers a refusal up to so many agent turns after it (or before)
    waved_off      so many dismissive turns, and it is partly at best
    """

    within_turns: Count = 4
    waved_off: Count = 3


Check = Listens | Validates | Paraphrases | OffersAlternatives


class Criterion(_Table, frozen=True):
    """One question of the rubric: what it is worth, and how it is checked."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
    question: str
    max_points: Points
    check: Check
    critical: bool = False


class Rubric(_Table, frozen=True):
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
    "$.criteria[].check": (Listens, Validates, Paraphrases, OffersAlternatives),
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
