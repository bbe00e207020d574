"""`qa retention`: how long calls are kept, and what that will erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qa.cli.common import json_option, open_own_store, print_json, put, store_option

if TYPE_CHECKING:
    from rich.console import RenderableType

    from qa.store import Kept


@click.command(
    short_help="How long calls are kept, and which are due.",
    epilog="""\b
Examples:
  qa retention
  QA_RETENTION_DAYS=365 qa retention --json

\b
It shows what the settings retention_days and retention_days_by_team will do,
and erases nothing: a server does, within an hour, as qa erase would.""",
)
@json_option
@store_option
def retention(as_json: bool, store: str | None) -> None:
    """Show for each team how many calls are due to be erased now, and within seven days."""
    from qa.upkeep.retention import described

    with open_own_store(store, read_only=True) as opened:
        found = opened.retention()
        policy = described(opened.settings)
    if as_json:
        for kept in found:
            print_json(kept)
        return
    put(f"{policy[0].upper()}{policy[1:]}.", *([_table(found)] if found else ["No calls yet."]))
    if unknown := [kept.team for kept in found if not kept.calls]:
        put(f"No call has the team {', '.join(unknown)}.")


def _table(found: tuple[Kept, ...]) -> RenderableType:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("team", overflow="fold")
    for heading in ("kept, days", "calls", "due now", "due within 7 days"):
        table.add_column(heading, justify="right")
    for kept in found:
        days = "for ever" if kept.days is None else str(kept.days)
        table.add_row(kept.team, days, str(kept.calls), str(kept.due), str(kept.due_within_7_days))
    return table
