"""`qa rubric`: what a rubric asks, whether a file is right, and a starting point for one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa.cli.accuracy import accuracy
from qa.cli.common import EXISTING_FILE, USAGE, json_option, plural, print_json, put, store_option
from qa.cli.tryout import try_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rubric import Rubric
    from rubric.file import Criterion

_NO_PARTLY = "Does not come up: it is met or missed."


@click.group(
    short_help="Rubrics: check a file, show what it asks, begin one.",
    epilog="""\b
Examples:
  qa rubric show                    what the rubric that is built in asks
  qa rubric new our-rubric.toml     begin one of your own
  qa rubric check our-rubric.toml   is it right?
  qa rubric try "A: No worries."    what a line is read as
  qa rubric accuracy                how well it agrees with readers""",
)
def rubric() -> None:
    """See what a rubric asks, check one of your own, begin a new one."""


@rubric.command(
    short_help="What a rubric asks, in words.",
    epilog="""\b
Examples:
  qa rubric show                   the one built in
  qa rubric show our-rubric.toml""",
)
@click.argument("file", required=False, type=EXISTING_FILE)
@json_option
@store_option
def show(file: Path | None, as_json: bool, store: str | None) -> None:  # noqa: ARG001 - every command takes it
    """Say what each criterion of the rubric FILE asks, when it applies, and what each verdict means.

    The numbers are those of the file.
    """
    from rubric import load

    read = load(file)
    if as_json:
        print_json(_whole(read))
    else:
        put(*_page(read))


@rubric.command(
    short_help="Is a rubric file right?",
    epilog="""\b
Example:
  qa rubric check our-rubric.toml

Exit code 2: it is not; each line names the place in the file and the cure.""",
)
@click.argument("file", type=EXISTING_FILE)
@json_option
@store_option
def check(file: Path, as_json: bool, store: str | None) -> int:  # noqa: ARG001 - every command takes it
    """Say whether the rubric FILE is right, its version, and what it would ask."""
    from rubric import RubricProblem, load

    try:
        read = load(file)
    except RubricProblem as problem:
        if as_json:
            print_json({"right": False, "problems": problem.every})
        for each in () if as_json else problem.every:
            click.echo(f"qa: {each}", err=True)
        return USAGE
    if as_json:
        print_json({"right": True, "problems": [], **_named(read), "criteria": [each.id for each in read.criteria]})
        return 0
    points = sum(each.max_points for each in read.criteria)
    asks = f"{plural(len(read.criteria), 'question')}, {points:g} points"
    put(f"{file} is right: rubric {read.id} {read.version}, {asks}.", "", _questions(read))
    return 0


@rubric.command(
    short_help="A rubric to begin with.",
    epilog="""\b
Examples:
  qa rubric new our-rubric.toml
  qa rubric new | less""",
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@store_option
def new(file: Path | None, store: str | None) -> int:  # noqa: ARG001 - every command takes it
    """Write a rubric to begin with to FILE, or print it: the one built in, with what each number means.

    At its end stand criteria in phrases, as comments to copy. A file that is there is never written over.
    """
    from rubric.starter import starting_point

    if file is None:
        click.echo(starting_point(), nl=False)
        return 0
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(starting_point())
    except FileExistsError:
        click.echo(f"qa: {file} is there and stays as it is; name a file that is not", err=True)
        return USAGE
    except OSError as error:
        click.echo(f"qa: {file}: cannot be written ({error.strerror}); name another place", err=True)
        return USAGE
    click.echo(f"{file} is written. Change it, then: qa rubric check {file}")
    return 0


rubric.add_command(accuracy)
rubric.add_command(try_lines)


def _named(read: Rubric) -> dict[str, Any]:
    return {"id": read.id, "title": read.title, "version": read.version, "language": read.language}


def _whole(read: Rubric) -> dict[str, Any]:
    """What the rubric asks, for scripts; `partly` is null where a criterion is met or missed and nothing between."""
    criteria = [
        {
            "id": each.id,
            "kind": str(each.check.__struct_config__.tag),
            "question": each.question,
            "max_points": each.max_points,
            "critical": each.critical,
            **{name: text or None for name, text in each.check.in_words()._asdict().items()},
        }
        for each in read.criteria
    ]
    return {
        **_named(read),
        "coverage_floor": read.coverage_floor,
        "min_word_probability": read.min_word_probability,
        "interruptions": read.interruptions,
        "criteria": criteria,
    }


def _questions(read: Rubric) -> RenderableType:
    """A line a question, with its points."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for each in read.criteria:
        table.add_row(f"{each.max_points:g}", each.id, each.question)
    return table


def _page(read: Rubric) -> list[RenderableType]:
    from rich.text import Text

    head = Text(read.title, style="bold")
    head.append(f"   rubric {read.id} {read.version}", style="not bold dim")
    parts: list[RenderableType] = [head, ""]
    for each in read.criteria:
        parts += [*_criterion(each), ""]
    return [*parts, *_rest(read)]


def _criterion(criterion: Criterion) -> list[RenderableType]:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from qa.cli.reading import VERDICTS

    head = Text(criterion.id, style="bold")
    head.append(f"   {_points(criterion.max_points)}{', critical' if criterion.critical else ''}", style="not bold")
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=7, no_wrap=True)
    table.add_column()
    words = criterion.check.in_words()
    table.add_row(Text("applies", style="dim"), Text(words.applies))
    for verdict in ("met", "partly", "missed"):
        table.add_row(Text(verdict, style=VERDICTS[verdict]), Text(getattr(words, verdict) or _NO_PARTLY))
    return [head, Padding(Text(criterion.question), (0, 0, 0, 2)), Padding(table, (0, 0, 0, 2))]


def _points(points: float) -> str:
    """`1 point`, `2.5 points`."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def _rest(read: Rubric) -> list[RenderableType]:
    """What holds for all of it."""
    from rich.text import Text

    return [
        Text(
            f"Met earns all points, partly half. What does not apply leaves the arithmetic. Where less than "
            f"{100 * read.coverage_floor:g} % of the points that applied can be judged, there is no percent."
        ),
        Text(read.interruptions.in_words()),
    ]
