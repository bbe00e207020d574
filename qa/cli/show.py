"""`qa show`: one call, whole."""

from __future__ import annotations

import click

from qa.cli.common import json_option, open_store, print_json, put, store_option


@click.command(
    short_help="A call whole: talk, evidence, scorecard.",
    epilog="""\b
Examples:
  qa show 4711                     by the phone system's number
  qa show 4711 --team North        where two teams have that number
  qa show 4711 --json | jq .scorecard.percent

\b
«words»[1] in the talk are the words that prove point [1] of the scorecard.""",
)
@click.argument("call")
@click.option("--team", help="The team, where two teams have that contact id.")
@json_option
@store_option
def show(call: str, team: str | None, as_json: bool, store: str | None) -> None:
    """Show CALL (a call id or a contact id): its transcript with the evidence marked, and its scorecard."""
    from qa.scoring import whole

    with open_store(store, read_only=True) as opened:
        stored = opened.call(call, teams=None if team is None else [team])
    if as_json:
        print_json(whole(stored))
        return
    from qa.cli.reading import page

    put(page(stored))
