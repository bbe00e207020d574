"""`qa backup`: store and recordings, as they belong together, in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import click

from qa.cli.common import json_option, plural, print_json, settings_with, store_option


@click.command(
    short_help="Store and recordings into a folder, whole and checked.",
    epilog="""\b
Examples:
  qa backup /backup/qa
  qa doctor --store /backup/qa/qa-20261125T170400.123456Z/qa.duckdb

\b
While a server holds the store, ask it: POST /api/backups, which writes into
the folder that the setting `backups` names.""",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@json_option
@store_option
def backup(folder: Path, as_json: bool, store: str | None) -> None:
    """Write a backup into a new folder within FOLDER: the store, its recordings, and what witnesses them.

    Recordings are linked where FOLDER is on the same disk, or holds an earlier backup. The copy of the store is
    opened, and must hold what the store holds.
    """
    from qa.store import backup as backups

    made = backups.of_file(Path(settings_with(store=store).store), folder)
    if as_json:
        print_json(made)
        return
    click.echo(
        f"{made.path}: {plural(made.calls, 'call')}, {plural(made.recordings, 'recording')}; "
        f"{made.copied_bytes / 1e6:.1f} MB copied, the rest linked."
    )
