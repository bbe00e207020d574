"""`qa sql`: any question, in SQL, of a store that is opened for reading only."""

from __future__ import annotations

import csv
import sys

import click

from qa.cli.common import json_option, open_store, print_json, put, store_option


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
    """Answer QUERY, one SELECT; `-` reads it from stdin. Nothing can be written."""
    if as_json and as_csv:
        raise click.UsageError("--json or --csv, not both.")
    if query == "-":
        query = sys.stdin.read()
    with open_store(store, read_only=True) as opened:
        answer = opened.sql(query)
    columns = _distinct(answer.columns)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in answer.rows])
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(answer.rows)
    else:
        _print_table(columns, answer.rows)


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
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        numbers = all(isinstance(row[index], int | float | None) for row in rows)
        table.add_column(Text(column), justify="right" if numbers and rows else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("NULL", style="dim") if value is None else Text(_shown(value)) for value in row))
    put(table)
    click.echo(f"{len(rows)} row{'' if len(rows) == 1 else 's'}")


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
