"""`qa calls`: which calls there are, those to listen to first at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qa.cli.common import json_option, open_store, plural, print_json, put, store_option
from qa.cli.names import check

if TYPE_CHECKING:
    from rich.console import RenderableType

    from qa.store import CallRow


@click.command(
    short_help="A list of calls, the worst first.",
    epilog="""\b
Examples:
  qa calls --team North
  qa calls --agent Ada --page 2
  qa calls --json | jq -r .call_id

Calls with a flag come first, since somebody has to look at them; then the lowest percent.""",
)
@click.option("--team", help="Only this team.")
@click.option("--agent", help="Only this agent.")
@click.option("--page", default=1, show_default=True, type=click.IntRange(min=1), help="Which page.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="Calls on a page.")
@json_option
@store_option
def calls(team: str | None, agent: str | None, page: int, limit: int, as_json: bool, store: str | None) -> None:
    """List the calls: flagged ones first, then by percent, lowest first."""
    with open_store(store, read_only=True) as opened:
        check(opened, team=team, agent=agent)
        rows, total = opened.worst(
            teams=None if team is None else [team], agent=agent, offset=(page - 1) * limit, limit=limit
        )
    if as_json:
        for row in rows:
            print_json(_line(row))
    elif not total:
        click.echo("No calls yet: qa score CALL.")
    elif not rows:
        click.echo(f"There is no page {page}: {plural(total, 'call')} in all.")
    else:
        put(_table(rows))
        first = (page - 1) * limit
        more = f"; more: --page {page + 1}" if first + len(rows) < total else ""
        put(f"{first + 1} to {first + len(rows)} of {plural(total, 'call')}{more}")


def _line(row: CallRow) -> dict[str, object]:
    said = row.metadata
    return {
        "call_id": row.call_id,
        "contact_id": said.contact_id,
        "team": said.team,
        "agent": said.agent,
        "state": row.state,
        "percent": row.percent,
        "coverage": row.coverage,
        "flags": row.flags,
    }


def _table(rows: tuple[CallRow, ...]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("call", no_wrap=True)
    for heading in ("contact", "team", "agent"):
        table.add_column(heading, overflow="fold")
    table.add_column("percent", justify="right")
    table.add_column("flags", overflow="fold")
    for row in rows:
        said = row.metadata
        percent = "–" if row.percent is None else f"{row.percent:.0f} %"
        state = () if row.state == "done" else (row.state,)
        flags = Text(", ".join((*state, *row.flags)), style="magenta")
        table.add_row(row.call_id, said.contact_id or "", said.team, said.agent or "not said", percent, flags)
    return table
