"""Everything that is wrong with a rubric file: each in one line, with its place in the file and the cure.

msgspec says the first thing that does not fit a type. Here the types are gone through, so that all is found at once,
and what no type can see is asked of the tables themselves (`Table.wrong`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from rubric.tables import Table, Wrong

_PLAIN = {
    "float": "a number",
    "int": "a whole number",
    "str": "text in quotes",
    "bool": "true or false",
    "array": "a list in [ ]",
    "object": "a table",
}


def problems(data: Any, form: type[msgspec.Struct]) -> list[str]:
    """What is wrong with a file's data, held against its form, in the order of the file."""
    return [_line(each, data) for each in _walk(data, form, "$")]


def _walk(value: Any, form: Any, path: str) -> Iterator[Wrong]:
    """What is wrong in the parts of a value; where nothing is, what is wrong with the whole."""
    inside = list(_parts(value, form, path))
    yield from inside
    if inside:
        return
    try:
        made = msgspec.convert(value, form)
    except msgspec.ValidationError as error:
        yield _misfit(str(error), value, form, path)
        return
    if isinstance(made, Table):
        for place, what, cure in made.wrong():
            yield Wrong(f"{path}.{place}", what, cure)


def _parts(value: Any, form: Any, path: str) -> Iterator[Wrong]:
    form = get_args(form)[0] if get_origin(form) is Annotated else form
    if isinstance(value, list) and get_origin(form) is tuple:
        for number, each in enumerate(value):
            yield from _walk(each, get_args(form)[0], f"{path}[{number}]")
    elif isinstance(value, dict):
        structs = [each for each in _choices(form) if isinstance(each, type) and issubclass(each, msgspec.Struct)]
        tags = {_tag(each): each for each in structs}
        if None not in tags and structs:
            yield from _tagged(value, tags, path)
        elif structs:
            yield from _fields(value, structs[0], path)


def _choices(form: Any) -> tuple[Any, ...]:
    return tuple(each for each in get_args(form) if each is not NoneType) if isinstance(form, UnionType) else (form,)


def _tag(struct: type[msgspec.Struct]) -> str | None:
    tag = struct.__struct_config__.tag
    return None if tag is None else str(tag)


def _tagged(value: dict[str, Any], tags: dict[str | None, Any], path: str) -> Iterator[Wrong]:
    """A table whose key `kind` says which it is."""
    kinds = [tag for tag in tags if tag]
    kind = value.get("kind")
    if kind in kinds:
        yield from _fields(value, tags[kind], path)
    elif kind is None:
        yield Wrong(path, "has no key 'kind'", f"add it: one of {', '.join(kinds)}")
    else:
        yield Wrong(
            f"{path}.kind", f"there is no kind {kind!r}", nearest(str(kind), kinds, f"it is one of {', '.join(kinds)}")
        )


def _fields(value: dict[str, Any], struct: type[msgspec.Struct], path: str) -> Iterator[Wrong]:
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    known = [*([struct.__struct_config__.tag_field] if struct.__struct_config__.tag_field else []), *fields]
    meant: set[str] = set()
    for key, each in value.items():
        if key in fields:
            yield from _walk(each, fields[key].type, f"{path}.{key}")
        elif key not in known:
            meant.update(difflib.get_close_matches(key, known, n=1))
            yield Wrong(
                path, f"unknown key {key!r}", nearest(key, sorted(known), f"keys here are {', '.join(sorted(known))}")
            )
    for name, field in fields.items():
        if field.required and name not in value and name not in meant:
            yield Wrong(path, f"has no key {name!r}", "add it")


def nearest(given: str, known: Iterable[str], otherwise: str) -> str:
    """The cure for a name that is not there: the one that was meant, or `otherwise` where none is near."""
    near = difflib.get_close_matches(given, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else otherwise


def _misfit(error: str, value: Any, form: Any, path: str) -> Wrong:
    """What msgspec says of a value, for people who write TOML."""
    if get_origin(form) is Literal:
        known = get_args(form)
        return Wrong(path, f"there is no {value!r}", nearest(str(value), known, f"it is one of {', '.join(known)}"))
    if fits := next((each.description for each in get_args(form) if isinstance(each, msgspec.Meta)), None):
        return Wrong(path, f"{_shown(value)} does not fit", fits)
    what, _, deeper = error.partition(" - at ")
    for kind, plain in _PLAIN.items():
        what = what.replace(f"`{kind}`", plain)
    return Wrong(f"{path}{deeper.strip('`').removeprefix('$')}", what[:1].lower() + what[1:], "")


def _shown(value: Any) -> str:
    """A value as TOML writes it, or what it is where that would be long."""
    return "an empty list" if value == [] else str(value).lower() if isinstance(value, bool) else repr(value)[:60]


def not_toml(text: str, error: str) -> str:
    """What is wrong with a file that is not TOML, with the line and the likely cure."""
    found = re.search(r"line (\d+)", error)
    lines = text.splitlines()
    if found is None or not 0 < int(found[1]) <= len(lines):
        return f"is not TOML: {error}"
    number = int(found[1])
    line = lines[number - 1].strip()
    return f"is not TOML: line {number}, {line[:60]!r}; {_toml_cure(line, error)}"


def _toml_cure(line: str, error: str) -> str:
    if set("“”„‘’") & set(line):
        return "quotes must be the straight ones: \" or '"
    if line.count('"') % 2:
        return 'a quote " is missing'
    if "=" not in line and not line.startswith(("[", "#", '"')):
        return "a line is key = value, [table] or # a remark"
    if re.match(r"[\w.-]+ *= *[A-Za-z]", line) and not re.search(r"= *(true|false)\b", line):
        return 'text stands in quotes: key = "text"'
    return error[:1].lower() + error[1:]


def _line(wrong: Wrong, data: Any) -> str:
    cure = f"; {wrong.cure}" if wrong.cure else ""
    return f"{wrong.what} at {wrong.path}{_criterion(wrong.path, data)}{cure}"


def _criterion(path: str, data: Any) -> str:
    """The criterion of a path as its author counts and calls it: `, criterion 1 (listens)`."""
    found = re.match(r"\$\.criteria\[(\d+)\]", path)
    if found is None:
        return ""
    criterion = data["criteria"][int(found[1])]
    name = criterion.get("id") if isinstance(criterion, dict) else None
    return f", criterion {int(found[1]) + 1}" + (f" ({name})" if isinstance(name, str) else "")
