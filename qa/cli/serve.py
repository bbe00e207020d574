"""`qa serve`: the HTTP interface."""

from __future__ import annotations

from pathlib import Path

import click

from qa.cli.common import EXISTING_FILE, settings_with, store_option
from qa.cli.progress import bar, fetching


@click.command(
    short_help="The HTTP interface.",
    epilog="""\b
Example:
  qa serve --port 8000
  curl -F recording=@call.wav -F team=North http://127.0.0.1:8000/api/calls

All paths and their forms: http://127.0.0.1:8000/schema

While the server runs it owns the store: other commands ask it by themselves, with the key in QA_API_KEY if it wants
one. From elsewhere QA_SERVER says where it is.""",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port to listen on.")
@click.option("--rubric", metavar="FILE", type=EXISTING_FILE, help="A rubric in TOML.  [default: the one built in]")
@click.option("--model", metavar="NAME|DIR", help="A speech model of `qa models`, or a folder.  [default: tiny.en]")
@click.option(
    "--quack",
    metavar="[PORT]",
    is_flag=False,
    flag_value=9494,
    type=click.IntRange(1, 65535),
    help="Serve a snapshot by DuckDB's quack protocol too, on this machine, on port 9494 or PORT.",
)
@store_option
def serve(host: str, port: int, rubric: Path | None, model: str | None, quack: int | None, store: str | None) -> None:
    """Serve the HTTP interface: recordings come in, scorecards go out. Ctrl-C stops it; waiting calls are kept."""
    from qa import http
    from transcription import models

    settings = settings_with(store=store, model=model)
    with bar("Looking for the speech model") as shown:
        models.locate(settings.model, progress=fetching(settings.model, shown))
    http.serve(settings=settings, rubric=rubric, host=host, port=port, quack=quack)
