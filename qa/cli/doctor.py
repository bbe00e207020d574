"""`qa doctor`: what is wrong with a machine and a store, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.cli.common import EXISTING_FILE, FAILED, json_option, plural, print_json, put, store_option

if TYPE_CHECKING:
    from rich.table import Table

    from qa.doctor import Finding

_COLOURS = {"ok": "green", "warning": "yellow", "wrong": "red"}


@click.command(
    short_help="What is wrong with this machine and this store.",
    epilog="""\b
Examples:
  qa doctor
  qa doctor --speech --store /var/lib/qa/qa.duckdb
  qa doctor --json | jq 'select(.state == "wrong")'

\b
ok        as it should be
warning   it works, and may not for long, or not as it should
wrong     it does not work: the exit code is 1

It changes nothing. While a server has the store it asks that how it is.""",
)
@click.option(
    "--speech", is_flag=True, help="Transcribe a recording too, as the server would; that takes some seconds."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address that the server is to listen on.")
@click.option("--rubric", metavar="FILE", type=EXISTING_FILE, help="A rubric in TOML.  [default: the one built in]")
@click.option("--model", metavar="NAME|DIR", help="A speech model of `qa models`, or a folder.  [default: tiny.en]")
@json_option
@store_option
@click.pass_context
def doctor(
    ctx: click.Context,
    speech: bool,
    host: str,
    rubric: Path | None,
    model: str | None,
    as_json: bool,
    store: str | None,
) -> None:
    """Check this machine and the store: each check with what was found, and what to do where it is not well."""
    from qa.doctor import examine

    found = []
    for finding in examine(rubric=rubric, host=host, with_speech=speech, store=store, model=model):
        found.append(finding)
        if as_json:
            print_json(finding)
    wrong, warnings = (sum(finding.state == state for finding in found) for state in ("wrong", "warning"))
    if not as_json:
        put(_table(found), f"{wrong} wrong, {plural(warnings, 'warning')}, {plural(len(found), 'check')}")
    if wrong:
        ctx.exit(FAILED)


def _table(found: list[Finding]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("check", no_wrap=True)
    table.add_column("")
    table.add_column("found", overflow="fold")
    for finding in found:
        told = finding.found if finding.do is None else f"{finding.found}\n→ {finding.do}"
        table.add_row(finding.check, Text(finding.state, style=_COLOURS[finding.state]), told)
    return table
