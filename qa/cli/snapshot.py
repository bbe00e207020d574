"""`qa snapshot`: what may be read of a store in one file, for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from qa.cli.common import open_store, store_option


@click.command(
    short_help="What may be read of the store, in one file.",
    epilog="""\b
Examples:
  qa snapshot calls.duckdb
  qa snapshot calls.parquet.zip

The first is for DuckDB 1.0 and later. The second has each table as a Parquet file, with a README of their columns.""",
)
@click.argument("file", type=click.Path(path_type=Path))
@store_option
def snapshot(file: Path, store: str | None) -> None:
    """Write FILE, a .duckdb or a .parquet.zip, with the tables of the store, its jobs left out.

    Whoever has the file can read all calls in it; recordings are not part of it.
    """
    with open_store(store, read_only=True) as opened:
        opened.snapshot(file)
    click.echo(f"Wrote {file}, {file.stat().st_size / 1_000_000:.1f} MB.")
