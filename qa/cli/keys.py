"""`qa keys`: API keys for the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qa.access import ROLES, Role
from qa.cli.common import json_option, open_store, print_json, put, store_option

if TYPE_CHECKING:
    from rich.console import RenderableType

    from qa.access import Key


@click.group(
    short_help="API keys for the server.",
    epilog="""\b
Examples:
  qa keys create phones --role upload
  qa keys create "lead of North" --role read --role analyse --team North
  qa keys list
  qa keys revoke 1f2e3d4c

While a server holds the store, it wants a key in QA_API_KEY that may administer.""",
)
def keys() -> None:
    """Make, list and revoke the keys that a server asks for. Without any key it is served on this machine alone."""


@keys.command(
    short_help="Make a key, shown once.",
    epilog="""\b
Example:
  qa keys create phones --role upload --team North

\b
upload      sends recordings and transcripts, and corrects what is said of them
read        sees calls, scorecards, recordings, comparisons and jobs
analyse     asks in SQL
review      reviews scorecards
administer  all of that, jobs, keys and erasures""",
)
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="What it may do.")
@click.option("--team", "teams", multiple=True, help="A team it is bound to; may be given again.  [default: all]")
@json_option
@store_option
def create(name: str, roles: tuple[Role, ...], teams: tuple[str, ...], as_json: bool, store: str | None) -> None:
    """Make a key for NAME. It is shown now and never again: keep it where it is used."""
    with open_store(store) as opened:
        key, text = opened.create_key(name=name, roles=roles, teams=teams or None)
    if as_json:
        print_json({"key": key, "text": text})
        return
    put(f"key {key.key_id} ({', '.join(key.roles)}; {_teams(key)}), shown once:", "", text)


@keys.command("list", short_help="The keys there are.", epilog="""\b
Example:
  qa keys list""")  # fmt: skip
@json_option
@store_option
def list_keys(as_json: bool, store: str | None) -> None:
    """List the keys, those that are revoked too. Their secrets are kept nowhere."""
    with open_store(store, read_only=True) as opened:
        found = opened.keys()
    if as_json:
        for key in found:
            print_json(key)
    elif found:
        put(_table(found))
    else:
        click.echo("No keys yet: qa keys create NAME --role read.")


@keys.command(short_help="From now on it opens nothing.", epilog="""\b
Example:
  qa keys revoke 1f2e3d4c""")  # fmt: skip
@click.argument("key_id")
@json_option
@store_option
def revoke(key_id: str, as_json: bool, store: str | None) -> None:
    """Revoke the key KEY_ID for good."""
    with open_store(store) as opened:
        key = opened.revoke_key(key_id)
    if as_json:
        print_json(key)
    else:
        click.echo(f"key {key.key_id} ({key.name}) is revoked.")


def _teams(key: Key) -> str:
    return "all teams" if key.teams is None else f"team {', '.join(key.teams)}"


def _table(found: tuple[Key, ...]) -> RenderableType:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("key", "name", "roles", "teams", "made", "revoked"):
        table.add_column(heading, overflow="fold")
    for key in found:
        revoked = f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
        roles = ", ".join(key.roles)
        table.add_row(key.key_id, key.name, roles, _teams(key), f"{key.created_at:%Y-%m-%d}", revoked)
    return table
