"""`qa sql`: any question, in SQL, of a store that is opened for reading only."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from qa.cli.common import json_option, open_store, plural, print_json, put, store_option, width

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from qa.store import Result

OLD_S = 60.0
"""From which age on it is said how old an answer is, in seconds."""


@click.command(
    short_help="Any question, in SQL; reads only.",
    epilog="""\b
Examples:
  qa sql "SHOW TABLES"
  qa sql "SELECT * FROM team_comparison"
  qa sql "SELECT * FROM calls" --csv > calls.csv
  qa sql - < question.sql""",
)
@click.argument("query")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV; what is not known is an empty cell.")
@store_option
def sql(query: str, as_json: bool, as_csv: bool, store: str | None) -> None:
    """Answer QUERY, one SELECT; `-` reads it from stdin. Nothing can be written.

    A server that holds the store answers from a snapshot, within its limits; stderr says what is left out.
    """
    if as_json and as_csv:
        raise click.UsageError("--json or --csv, not both.")
    if query == "-":
        query = sys.stdin.read()
    with open_store(store, read_only=True) as opened:
        answer = opened.sql(query)
    _remarks(answer)
    columns = _distinct(answer.columns)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in answer.rows])
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(answer.rows)
    else:
        _print_table(columns, answer.rows)


def _remarks(answer: Result) -> None:
    """What a server's answer leaves out, on stderr: rows beyond its limit, and calls newer than its snapshot."""
    if answer.truncated:
        click.echo(f"qa: there are more rows than these {len(answer.rows)}, the most that the server gives", err=True)
    if answer.data_as_of is not None:
        age_s = (datetime.now(UTC) - answer.data_as_of).total_seconds()
        if age_s > OLD_S:
            click.echo(f"qa: as things stood at {answer.data_as_of:%Y-%m-%d %H:%M:%S} UTC, {age_s:.0f} s ago", err=True)


def _distinct(names: tuple[str, ...]) -> list[str]:
    """Column names with a number behind each that was there before: JSON knows no two alike."""
    distinct: list[str] = []
    for name in names:
        count = sum(
            each == name or (each.startswith(f"{name}_") and each[len(name) + 1 :].isdigit()) for each in distinct
        )
        distinct.append(f"{name}_{count + 1}" if name in distinct else name)
    return distinct


def _print_table(columns: list[str], rows: tuple[tuple[object, ...], ...]) -> None:
    """The rows as a table where each fits a line of the terminal; else one field a line."""
    from rich.text import Text

    cells = [[Text("NULL", style="dim") if each is None else Text(_shown(each)) for each in row] for row in rows]
    put(_table(columns, rows, cells) if _fits(columns, cells) else _records(columns, cells))
    click.echo(plural(len(rows), "row"))


def _fits(columns: list[str], cells: list[list[Text]]) -> bool:
    widths = [
        max(len(line) for cell in column for line in cell.plain.split("\n")) for column in _columns(columns, cells)
    ]
    return sum(widths) + 3 * len(widths) <= width()


def _columns(columns: list[str], cells: list[list[Text]]) -> list[list[Text]]:
    from rich.text import Text

    return [[Text(name), *(row[index] for row in cells)] for index, name in enumerate(columns)]


def _table(columns: list[str], rows: tuple[tuple[object, ...], ...], cells: list[list[Text]]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        numbers = all(isinstance(row[index], int | float | None) for row in rows)
        table.add_column(Text(column), justify="right" if numbers and rows else "left", overflow="fold")
    for row in cells:
        table.add_row(*row)
    return table


def _records(columns: list[str], cells: list[list[Text]]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    records: list[RenderableType] = []
    for row in cells:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            table.add_row(Text(column), cell)
        records += [table, ""]
    return Group(*records)


def _shown(value: object) -> str:
    """Fractions with one decimal, as `qa compare` has them, or so many that there is something to see."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1f}" if value == 0 or abs(value) >= 1 else f"{value:.3g}"
