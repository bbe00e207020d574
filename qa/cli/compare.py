"""`qa compare`: teams or agents side by side, each figure with its n and interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from qa.cli.common import json_option, open_store, print_json, put, store_option
from qa.cli.names import check

if TYPE_CHECKING:
    from rich.console import RenderableType

    from qa.store import Comparison


@click.command(
    short_help="Teams or agents side by side.",
    epilog="""\b
Examples:
  qa compare
  qa compare --by agent --team North

The interval is the 95 % interval of the mean; a team's is clustered by agent, since the calls of one agent are
alike. Calls that another rubric, scorer or speech model judged are never mixed.""",
)
@click.option("--by", type=click.Choice(["team", "agent"]), default="team", show_default=True, help="What to compare.")
@click.option("--team", help="Only this team.")
@json_option
@store_option
def compare(by: Literal["team", "agent"], team: str | None, as_json: bool, store: str | None) -> None:
    """Compare teams, or agents: the mean percent of their calls, how many calls, and how sure it is."""
    with open_store(store, read_only=True) as opened:
        check(opened, team=team)
        rows = opened.compare(by, teams=None if team is None else [team])
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("Nothing to compare yet: score some calls with a --team first.")
    else:
        put(*tables(rows, by))


def tables(rows: tuple[Comparison, ...], by: Literal["team", "agent"]) -> list[RenderableType]:
    """One table for each rubric, scorer and speech model."""
    groups: dict[tuple[str | None, ...], list[Comparison]] = {}
    for row in rows:
        groups.setdefault((row.rubric, row.rubric_version, row.scorer, row.model), []).append(row)
    return [_table(group, by) for group in groups.values()]


def _table(rows: list[Comparison], by: Literal["team", "agent"]) -> RenderableType:
    from rich import box
    from rich.console import Group
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("team")
    table.add_column("agents" if by == "team" else "agent", justify="right" if by == "team" else "left")
    for heading in ("calls", "no percent", "mean"):
        table.add_column(heading, justify="right")
    table.add_column("95 % interval", justify="center")
    table.add_column("")
    for row in sorted(rows, key=lambda row: (row.team, -(row.mean if row.mean is not None else -1))):
        who = str(row.agents) if by == "team" else row.agent or "not said"
        mean = "–" if row.mean is None else f"{row.mean:.1f} %"
        interval = "–" if row.low is None or row.high is None else f"{row.low:.1f} to {row.high:.1f}"
        table.add_row(
            row.team, who, str(row.calls), str(row.unscored or ""), mean, interval, "too few" if row.too_few else ""
        )
    first = rows[0]
    judged = f"rubric {first.rubric} {(first.rubric_version or '')[:12]}, scorer {first.scorer}, "
    words = f"speech model {first.model}" if first.model else "written transcripts"
    floors = f"{first.min_calls} calls" + (f" or {first.min_agents} agents" if first.min_agents else "")
    notes = [f"too few: fewer than {floors}", ""] if any(row.too_few for row in rows) else []
    return Group(judged + words, table, *notes)
